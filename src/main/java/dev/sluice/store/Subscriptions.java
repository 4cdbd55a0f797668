package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Scopes;
import dev.sluice.workflow.Template;
import dev.sluice.workflow.Topic;
import dev.sluice.workflow.Value;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings events to the runs that listen. An event first goes, once, to every partition in which its type is listened
 * to; there the owner of the partition finds the runs by the topics that the event has.
 */
@ApplicationScoped
public class Subscriptions {
    /** One day: the same source and id within it are the same event. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    /** 1 MiB of copies in Redis: more of them share one file. */
    private static final long COPIES_BYTES_MAX = 1 << 20;

    private final RedisLink redis;
    private final Partitions partitions;
    private final Payloads payloads;
    private final EventCodec codec;
    private final Clock clock;

    Subscriptions(RedisLink redis, Partitions partitions, Payloads payloads, EventCodec codec, Clock clock) {
        this.redis = redis;
        this.partitions = partitions;
        this.payloads = payloads;
        this.codec = codec;
        this.clock = clock;
    }

    /**
     * Hands the event to every partition where somebody listens to its type. When this returns, Redis has it.
     *
     * @return whether somebody listens, or did when the event came first
     */
    public boolean publish(JsonNode event) {
        String type = event.path("type").asText();
        String name = event.path("source").asText() + "\n" + event.path("id").asText();
        String packed = payloads.pack(event);
        String at = String.valueOf(clock.millis());
        var calls = partitions.allNow().stream()
                .map(p -> broadcast(p, name, type, packed, at))
                .toList();
        return redis.runAll(Script.BROADCAST, calls).stream().anyMatch(reply -> reply.toInteger() >= 0);
    }

    private static RedisLink.Call broadcast(Partition p, String name, String type, String packed, String at) {
        var keys = List.of(
                Keys.seen(p, name), Keys.inbox(p), Keys.correlations(p, type), Keys.correlations(p, Topic.ANY_TYPE));
        String remembered = String.valueOf(REMEMBERED.toMillis());
        return new RedisLink.Call(keys, List.of(packed, Keys.HINTS, Hint.inbox(p), remembered, type, at));
    }

    /**
     * Hands an event in the partition's inbox on to its runs.
     *
     * @param data the packed event
     * @return false when the partition has another owner
     */
    public boolean route(Partition p, Ownership.Token token, String entryId, String data, Instant at) {
        JsonNode event = payloads.unpack(data);
        var keys = new ArrayList<>(List.of(Keys.owner(p), Keys.inbox(p)));
        for (Topic topic : topics(p, event)) keys.add(Keys.subscribers(p, topic));
        String arrived =
                codec.encode(new Event.EventArrived(Value.NULL, false, "", at)).event();
        String each = copied(keys.subList(2, keys.size()), data);
        var args = List.of(String.valueOf(token.value()), entryId, each, arrived);
        return redis.run(Script.ROUTE, keys, args).toInteger() != -1;
    }

    /** What the inbox gets for each run that listens: the event itself, or where it is when there are many of them. */
    private String copied(List<String> subscribers, String data) {
        if (subscribers.isEmpty()) return data;
        long runs =
                redis
                        .sendAll(subscribers.stream()
                                .map(key -> RedisLink.request(Command.SCARD, key))
                                .toList())
                        .stream()
                        .mapToLong(Response::toLong)
                        .sum();
        return runs * data.length() > COPIES_BYTES_MAX ? payloads.apart(data) : data;
    }

    private List<Topic> topics(Partition p, JsonNode event) {
        var topics = new ArrayList<Topic>();
        for (String type : List.of(event.path("type").asText(), Topic.ANY_TYPE)) {
            Response correlations = redis.send(Command.HKEYS, Keys.correlations(p, type));
            for (Response from : correlations) {
                topic(type, from.toString(), event).ifPresent(topics::add);
            }
        }
        return topics;
    }

    /** Empty when the event has not the values that these listeners correlate by. */
    private static Optional<Topic> topic(String type, String from, JsonNode event) {
        if (from.isEmpty()) return Optional.of(new Topic(type, "", ""));
        var values = new ArrayList<JsonNode>();
        for (JsonNode expression : Json.tree(from)) {
            try {
                values.add(Template.ofExpression(expression.asText(), "correlate")
                        .evaluate(Scopes.at(Instant.EPOCH), event));
            } catch (ProblemException e) {
                return Optional.empty();
            }
        }
        return Optional.of(Topic.of(type, from, values));
    }
}
