package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.store.Clearing.Plan;
import dev.sluice.store.Clearing.Progress;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Clearings in Redis: for each a hash with {@code plan}, {@code skipped refused refusals cursor} (written together, by
 * the one that carries it out), {@code stopped} and {@code ended} (ms since 1970). What it has done is counted in the
 * partitions, in the scripts that do it.
 */
final class ClearingBook {
    /** 100 clearings are kept, the latest. */
    static final int KEPT_MAX = 100;

    private final RedisLink redis;
    private final Partitions partitions;

    ClearingBook(RedisLink redis, Partitions partitions) {
        this.redis = redis;
        this.partitions = partitions;
    }

    /** @return false when there is one of that id; nothing was changed */
    boolean add(String id, Plan plan) {
        if (redis.send(Command.HSETNX, Keys.clearing(id), "plan", Json.text(plan.toJson()))
                        .toInteger()
                == 0) return false;
        open(id, plan);
        return true;
    }

    /** Also of one whose process ended right after its plan was written: whoever asks again, opens it. */
    void open(String id, Plan plan) {
        redis.send(Command.ZADD, Keys.clearings(), plan.at().toEpochMilli(), id);
        redis.send(Command.SADD, Keys.openClearings(), id);
    }

    long openCount() {
        return redis.send(Command.SCARD, Keys.openClearings()).toLong();
    }

    List<String> openIds() {
        return redis.send(Command.SMEMBERS, Keys.openClearings()).stream()
                .map(Response::toString)
                .sorted()
                .toList();
    }

    Optional<Clearing> find(String id) {
        Map<String, String> fields = hash(redis.send(Command.HGETALL, Keys.clearing(id)));
        if (!fields.containsKey("plan")) return Optional.empty();
        var refusals = new ArrayList<JsonNode>();
        Json.tree(fields.getOrDefault("refusals", "[]")).forEach(refusals::add);
        var progress = new Progress(
                done(id), number(fields, "skipped"), number(fields, "refused"), refusals, text(fields, "cursor"));
        return Optional.of(new Clearing(
                id, Plan.of(Json.tree(fields.get("plan"))), progress, time(fields, "stopped"), time(fields, "ended")));
    }

    private long done(String id) {
        var requests = partitions.all().stream()
                .map(p -> RedisLink.request(Command.HGET, Keys.cleared(p), id))
                .toList();
        return redis.sendAll(requests).stream()
                .mapToLong(count -> count == null ? 0 : count.toLong())
                .sum();
    }

    /** The latest first. */
    List<Clearing> all() {
        return redis.send(Command.ZRANGE, Keys.clearings(), 0, KEPT_MAX - 1, "REV").stream()
                .flatMap(id -> find(id.toString()).stream())
                .toList();
    }

    void save(String id, Progress progress) {
        ArrayNode refusals = JsonNodeFactory.instance.arrayNode().addAll(progress.refusals());
        redis.send(
                Command.HSET,
                Keys.clearing(id),
                "skipped",
                progress.skipped(),
                "refused",
                progress.refused(),
                "refusals",
                Json.text(refusals),
                "cursor",
                progress.cursor());
    }

    /** The first stop counts. */
    void stop(String id, Instant at) {
        redis.send(Command.HSETNX, Keys.clearing(id), "stopped", at.toEpochMilli());
        redis.send(Command.SREM, Keys.openClearings(), id);
    }

    boolean isStopped(String id) {
        return redis.send(Command.HEXISTS, Keys.clearing(id), "stopped").toInteger() == 1;
    }

    void end(String id, Instant at) {
        redis.send(Command.HSETNX, Keys.clearing(id), "ended", at.toEpochMilli());
        redis.send(Command.SREM, Keys.openClearings(), id);
        forgetOld();
    }

    private void forgetOld() {
        List<String> open = openIds();
        for (Response old : redis.send(Command.ZRANGE, Keys.clearings(), KEPT_MAX, -1, "REV")) {
            if (open.contains(old.toString())) continue;
            for (Partition p : partitions.all()) redis.send(Command.HDEL, Keys.cleared(p), old);
            redis.send(Command.DEL, Keys.clearing(old.toString()));
            redis.send(Command.ZREM, Keys.clearings(), old);
        }
    }

    private static Map<String, String> hash(Response flat) {
        var fields = new HashMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return fields;
    }

    private static String text(Map<String, String> fields, String name) {
        return fields.getOrDefault(name, "");
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }

    private static Optional<Instant> time(Map<String, String> fields, String name) {
        return Optional.ofNullable(fields.get(name)).map(at -> Instant.ofEpochMilli(Long.parseLong(at)));
    }
}
