package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Burial;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** What the runs of a partition want of others, in the order in which they said so. */
@ApplicationScoped
public class Outbox {
    private final RedisLink redis;
    private final Payloads payloads;

    Outbox(RedisLink redis, Payloads payloads) {
        this.redis = redis;
        this.payloads = payloads;
    }

    /** @param run that wants it; @param data packed */
    public record Wanted(String entryId, String run, OutboxEntry.Kind kind, JsonNode attributes, String data) {}

    /** The oldest entries; they stay until {@link #done}. */
    public List<Wanted> read(Partition partition, int count) {
        Response entries = redis.send(Command.XRANGE, Keys.outbox(partition), "-", "+", "COUNT", count);
        var wanted = new ArrayList<Wanted>(entries.size());
        for (Response entry : entries) {
            var fields = new HashMap<String, String>();
            Response flat = entry.get(1);
            for (int i = 0; i + 1 < flat.size(); i += 2) {
                fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
            }
            wanted.add(new Wanted(
                    entry.get(0).toString(),
                    fields.get("run"),
                    OutboxEntry.Kind.valueOf(fields.get("kind")),
                    Json.tree(fields.get("a")),
                    fields.get("d")));
        }
        return wanted;
    }

    public JsonNode data(Wanted wanted) {
        return payloads.unpack(wanted.data());
    }

    public void done(Partition partition, String entryId) {
        redis.send(Command.XDEL, Keys.outbox(partition), entryId);
    }

    /** Moves what can never be carried out to the dead letters. */
    public void bury(Partition partition, Wanted wanted, String reason, Instant at) {
        bury(Keys.outbox(partition), partition, wanted.entryId(), reason, at);
    }

    /** Puts an event on its way to the sink outside. */
    public void toSink(Partition partition, JsonNode event) {
        toSink(partition, payloads.pack(event));
    }

    public void toSink(Partition partition, String packedEvent) {
        redis.send(Command.XADD, Keys.sink(partition), "*", "d", packedEvent);
    }

    /** @param entryId of the stream of the sink; @param event packed */
    public record Outgoing(String entryId, String event) {}

    /** The events that wait for the sink, the oldest first. */
    public List<Outgoing> outgoing(Partition partition, int count) {
        var outgoing = new ArrayList<Outgoing>();
        for (Response entry : redis.send(Command.XRANGE, Keys.sink(partition), "-", "+", "COUNT", count)) {
            outgoing.add(
                    new Outgoing(entry.get(0).toString(), entry.get(1).get(1).toString()));
        }
        return outgoing;
    }

    /** How many events wait for the sink, in the order of {@code partitions}. */
    public List<Integer> backlog(List<Partition> partitions) {
        var requests = partitions.stream()
                .map(p -> RedisLink.request(Command.XLEN, Keys.sink(p)))
                .toList();
        return redis.sendSome(requests).stream()
                .map(length -> length.map(Response::toInteger).orElse(0))
                .toList();
    }

    /** @throws IllegalStateException when the event is not readable, and never will be */
    public JsonNode event(Outgoing outgoing) {
        return payloads.unpack(outgoing.event());
    }

    /** Moves an event that the sink does not take to the dead letters. */
    public void bury(Partition partition, String entryId, String reason, Instant at) {
        bury(Keys.sink(partition), partition, entryId, reason, at);
    }

    private void bury(String stream, Partition partition, String entryId, String reason, Instant at) {
        var call = Burial.call(partition, stream, "", "", entryId, reason, at);
        redis.run(Script.BURY, call.keys(), call.args());
    }

    public void sent(Partition partition, String entryId) {
        redis.send(Command.XDEL, Keys.sink(partition), entryId);
    }
}
