package dev.sluice.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** The lanes: tasks wait here, are handed to a dispatcher, and leave with their result. */
@ApplicationScoped
public class TaskQueue {
    /** 100 calls look at 1,000 pending entries or more; what lies behind is found when those before it are done. */
    private static final int SCANS_MAX = 100;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RedisLink redis;

    /** What the queue has to ask, because it reads neither runs nor events. */
    @FunctionalInterface
    public interface Reader {
        /** The event by which a paused run gets its task back. */
        String returned(Task task);

        /** Whether a step in this state waits for the task. @param step as it stands in the run's hash */
        default boolean awaits(Task task, String step) {
            return true;
        }
    }

    TaskQueue(RedisLink redis) {
        this.redis = redis;
    }

    /** Makes the lane and its consumer group; harmless when they exist. */
    public void open(Partition partition, String function) {
        try {
            redis.send(Command.XGROUP, "CREATE", Keys.lane(partition, function), Keys.GROUP, "0", "MKSTREAM");
        } catch (RedisRefused e) {
            if (!e.is("BUSYGROUP")) throw e;
        }
    }

    /**
     * Takes up to {@code count} tasks that nobody has yet. They are pending for {@code consumer} until settled or
     * reclaimed.
     */
    public List<Delivery> take(
            Partition partition, String function, String consumer, int count, Instant now, Reader reader) {
        List<Delivery> open;
        do {
            Response reply = read(partition, function, consumer, count);
            if (reply == null || reply.size() == 0) return List.of();
            open = dropUnwanted(deliveries(partition, function, reply.get(0).get(1), 1, now), reader);
        } while (open.isEmpty());
        markInFlight(partition, open, now);
        return open;
    }

    private Response read(Partition partition, String function, String consumer, int count) {
        String lane = Keys.lane(partition, function);
        try {
            return redis.send(Command.XREADGROUP, "GROUP", Keys.GROUP, consumer, "COUNT", count, "STREAMS", lane, ">");
        } catch (RedisRefused e) {
            if (!e.is("NOGROUP")) throw e;
            // A Redis that was restored, or a partition that this deployment did not have when the workflow came.
            open(partition, function);
            return null;
        }
    }

    /**
     * Leaves out what nobody waits for: tasks of runs that have ended, of steps that were given up, and of paused runs,
     * which get them back.
     */
    private List<Delivery> dropUnwanted(List<Delivery> deliveries, Reader reader) {
        List<Response> runs = runs(deliveries);
        var wanted = new ArrayList<Delivery>(deliveries.size());
        for (int i = 0; i < deliveries.size(); i++) {
            Delivery delivery = deliveries.get(i);
            if (!isWanted(delivery, runs.get(i), reader)) settle(delivery, "", "");
            else if (runs.get(i).get(1) != null) settle(delivery, reader.returned(delivery.task()), "");
            else wanted.add(delivery);
        }
        return wanted;
    }

    /** Those of the deliveries that nobody waits for any more. */
    public List<Delivery> unwanted(List<Delivery> deliveries, Reader reader) {
        List<Response> runs = runs(deliveries);
        return IntStream.range(0, deliveries.size())
                .filter(i -> !isWanted(deliveries.get(i), runs.get(i), reader))
                .mapToObj(deliveries::get)
                .toList();
    }

    /** For each delivery what its run says of it: ended, paused, the state of the step. */
    private List<Response> runs(List<Delivery> deliveries) {
        return redis.sendAll(deliveries.stream()
                .map(d -> RedisLink.request(
                        Command.HMGET,
                        Keys.run(d.partition(), d.task().run()),
                        Keys.ENDED,
                        Keys.PAUSED,
                        Keys.step(d.task().step())))
                .toList());
    }

    private static boolean isWanted(Delivery delivery, Response run, Reader reader) {
        return run.get(0) == null
                && run.get(2) != null
                && reader.awaits(delivery.task(), run.get(2).toString());
    }

    /** Takes over up to {@code count} tasks whose dispatcher has not shown itself for {@code idle}. */
    public List<Delivery> reclaim(
            Partition partition,
            String function,
            String consumer,
            Duration idle,
            int count,
            Instant now,
            Reader reader) {
        String lane = Keys.lane(partition, function);
        var claimed = new ArrayList<Delivery>();
        String cursor = "0-0";
        // Redis looks at a few entries a call, and the first ones may all be with dispatchers that live.
        for (int scan = 0; scan < SCANS_MAX && claimed.size() < count; scan++) {
            int wanted = count - claimed.size();
            Response reply = redis.send(
                    Command.XAUTOCLAIM, lane, Keys.GROUP, consumer, idle.toMillis(), cursor, "COUNT", wanted);
            for (Delivery delivery : deliveries(partition, function, reply.get(1), 0, now)) {
                deliveryCount(lane, consumer, delivery.entryId())
                        .ifPresent(n -> claimed.add(new Delivery(partition, delivery.entryId(), delivery.task(), n)));
            }
            cursor = reply.get(0).toString();
            if (cursor.equals("0-0")) break;
        }
        List<Delivery> open = dropUnwanted(claimed, reader);
        markInFlight(partition, open, now);
        return open;
    }

    /** Empty when the entry is no longer with {@code consumer}. */
    private OptionalLong deliveryCount(String lane, String consumer, String entryId) {
        Response pending = redis.send(Command.XPENDING, lane, Keys.GROUP, entryId, entryId, 1, consumer);
        return pending.size() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(pending.get(0).get(3).toLong());
    }

    /** Tells that {@code consumer} still works on these, so that they are not reclaimed. */
    public void heartbeat(Partition partition, String function, String consumer, Collection<String> entryIds) {
        if (entryIds.isEmpty()) return;
        var args = new ArrayList<>(List.of(Keys.GROUP, consumer));
        args.addAll(entryIds);
        redis.run(Script.HEARTBEAT, List.of(Keys.lane(partition, function)), args);
    }

    /**
     * Ends a delivery with its result, which goes to the run's inbox in the same step.
     *
     * @param event JSON, see {@code store.EventCodec}; empty when the run has ended
     * @param data packed payload of the event
     * @return false when another delivery of the task had been settled before: this result changes nothing
     */
    public boolean settle(Delivery delivery, String event, String data) {
        Partition p = delivery.partition();
        Task task = delivery.task();
        return redis.run(
                                Script.SETTLE,
                                List.of(Keys.lane(p, task.function()), Keys.inbox(p), Keys.inFlight(p)),
                                List.of(
                                        Keys.GROUP,
                                        delivery.entryId(),
                                        task.run(),
                                        event,
                                        data,
                                        task.attemptId(),
                                        Keys.HINTS,
                                        Hint.inbox(p)))
                        .toInteger()
                == 1;
    }

    /** Names of all functions that any deployed workflow calls. */
    public List<String> functions() {
        return redis.send(Command.SMEMBERS, Keys.functions()).stream()
                .map(Response::toString)
                .sorted()
                .toList();
    }

    /** Moves an entry that cannot be delivered to the dead letters. */
    private void bury(Partition partition, String function, String entryId, String reason, Instant at) {
        String lane = Keys.lane(partition, function);
        var call = Burial.call(partition, lane, function, Keys.GROUP, entryId, reason, at);
        redis.run(Script.BURY, call.keys(), call.args());
    }

    private void markInFlight(Partition partition, List<Delivery> deliveries, Instant now) {
        if (deliveries.isEmpty()) return;
        var args = new ArrayList<Object>();
        args.add(Keys.inFlight(partition));
        for (Delivery delivery : deliveries) {
            args.add(delivery.task().attemptId());
            args.add(now.toEpochMilli());
        }
        redis.send(Command.HSET, args.toArray());
    }

    private List<Delivery> deliveries(Partition partition, String function, Response entries, long count, Instant now) {
        var deliveries = new ArrayList<Delivery>(entries.size());
        for (Response entry : entries) {
            // Redis 6.2 hands out entries that were removed: as null, or without fields.
            if (entry == null || entry.size() < 2) continue;
            var fields = StreamFields.of(entry.get(1));
            if (fields.isEmpty()) continue;
            String entryId = entry.get(0).toString();
            try {
                deliveries.add(new Delivery(partition, entryId, task(function, fields), count));
            } catch (NumberFormatException e) {
                bury(partition, function, entryId, "not a task: " + e.getMessage(), now);
            }
        }
        return deliveries;
    }

    private static JsonNode more(String text) {
        try {
            return JSON.readTree(text.isEmpty() ? "{}" : text);
        } catch (JsonProcessingException e) {
            throw new NumberFormatException(e.getOriginalMessage());
        }
    }

    private static Task task(String function, StreamFields fields) {
        JsonNode more = more(fields.text("more"));
        return new Task(
                fields.text("run"),
                fields.text("step"),
                (int) fields.number("attempt"),
                function,
                fields.text("input"),
                Instant.ofEpochMilli(fields.number("at")),
                more.path("key").asText(fields.text("run") + ":" + fields.text("step")),
                Duration.ofMillis(more.path("limit").asLong()),
                more.path("tell").asBoolean());
    }
}
