package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** The events that a partition's runs have yet to take in, and the timers that become events. */
@ApplicationScoped
public class Inbox {
    /** 500: a flood of timers due at once is moved in steps that do not hold up other commands of Redis. */
    private static final int TIMERS_MAX = 500;

    /** 100 rounds, 50,000 timers of a partition: then the sweep does its other duties first. */
    private static final int ROUNDS_MAX = 100;

    private final RedisLink redis;

    Inbox(RedisLink redis) {
        this.redis = redis;
    }

    /** The oldest entries, in order; they stay until a commit removes them. */
    public List<InboxEntry> read(Partition partition, int count) {
        return read(partition, "-", count);
    }

    /** @param from id of an entry, after {@code (} to begin behind it */
    public List<InboxEntry> read(Partition partition, String from, int count) {
        Response entries = redis.send(Command.XRANGE, Keys.inbox(partition), from, "+", "COUNT", count);
        var inbox = new ArrayList<InboxEntry>(entries.size());
        for (Response entry : entries) {
            var fields = StreamFields.of(entry.get(1));
            inbox.add(new InboxEntry(entry.get(0).toString(), fields.text("run"), fields.text("e"), fields.text("d")));
        }
        return inbox;
    }

    /**
     * Moves due timers of each partition into its inbox. Those whose Redis does not answer are left for the next time.
     *
     * @return the length of each partition's inbox and outbox together, in the order of {@code partitions}
     */
    public List<Integer> tick(List<Partition> partitions, Instant now) {
        var lengths = new LinkedHashMap<Partition, Integer>();
        List<Partition> due = partitions;
        for (int round = 0; round < ROUNDS_MAX && !due.isEmpty(); round++) {
            List<Optional<Response>> replies = redis.runSome(
                    Script.TICK, due.stream().map(p -> tick(p, now)).toList());
            var more = new ArrayList<Partition>();
            for (int i = 0; i < due.size(); i++) {
                if (replies.get(i).isEmpty()) continue;
                Response reply = replies.get(i).get();
                lengths.put(due.get(i), reply.get(0).toInteger());
                if (reply.get(1).toInteger() == TIMERS_MAX) more.add(due.get(i));
            }
            due = more;
        }
        return partitions.stream().map(p -> lengths.getOrDefault(p, 0)).toList();
    }

    private static RedisLink.Call tick(Partition partition, Instant now) {
        return new RedisLink.Call(
                List.of(Keys.timers(partition), Keys.inbox(partition), Keys.outbox(partition)),
                List.of(String.valueOf(now.toEpochMilli()), String.valueOf(TIMERS_MAX)));
    }

    /** Moves an entry that cannot be processed to the dead letters. */
    public void bury(Partition partition, String entryId, String reason, Instant at) {
        var call = Burial.call(partition, Keys.inbox(partition), "", "", entryId, reason, at);
        redis.run(Script.BURY, call.keys(), call.args());
    }
}
