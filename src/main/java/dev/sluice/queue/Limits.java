package dev.sluice.queue;

import dev.sluice.workflow.Service;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * At most so many at the same time, by key. A permit is a lease under a fencing token: who stops keeping it loses it
 * when the lease ends, and no sooner; so none can leak. Who finds none free waits in line, the one who asked first in
 * front, and is given the permit that comes free next. Leases are timed by the clock of Redis, because dispatchers'
 * differ.
 */
@ApplicationScoped
public class Limits {
    /** One day: an unused limit is forgotten then. Its fencing tokens go on rising all the same, see the script. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private final RedisLink redis;
    private final Optional<Clock> clock;

    @Inject
    Limits(RedisLink redis) {
        this(redis, Optional.empty());
    }

    /** @param clock instead of the one of Redis */
    Limits(RedisLink redis, Optional<Clock> clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /**
     * Asks for one permit.
     *
     * @param holder who asks, unique among all: asking again with the same name takes no second one
     * @param since when it asked first, which is its rank in the line
     */
    public record Asking(String holder, Instant since) {}

    /**
     * One of as many as the limit's maximum.
     *
     * @param fence greater than that of every permit that was given out before for the same limit
     */
    public record Permit(String limit, String holder, long fence) {}

    /**
     * What became of a call for one limit.
     *
     * @param permits of those who asked and got one
     * @param called others who waited and have a permit now, and must be told
     * @param waiting how many wait
     */
    public record Reply(List<Permit> permits, List<String> called, long waiting) {}

    /** @param limits by their keys, with those who ask for a permit; @return one reply each, in the same order */
    public List<Reply> acquire(Map<Service.Limit, List<Asking>> limits, Duration lease) {
        var calls = new ArrayList<RedisLink.Call>(limits.size());
        limits.forEach((limit, asking) -> {
            var args = new ArrayList<>(List.of(now(), millis(lease), "" + limit.max(), millis(REMEMBERED)));
            asking.forEach(a -> {
                args.add(a.holder());
                args.add(String.valueOf(a.since().toEpochMilli()));
            });
            calls.add(new RedisLink.Call(keys(limit.key()), args));
        });
        List<Response> replies = redis.runAll(Script.ACQUIRE, calls);
        var result = new ArrayList<Reply>(limits.size());
        limits.forEach((limit, asking) -> result.add(granted(limit.key(), asking, replies.get(result.size()))));
        return result;
    }

    private static Reply granted(String limit, List<Asking> asking, Response reply) {
        var permits = new ArrayList<Permit>();
        for (int i = 0; i < asking.size(); i++) {
            long fence = reply.get(i).toLong();
            if (fence > 0) permits.add(new Permit(limit, asking.get(i).holder(), fence));
        }
        return new Reply(
                permits,
                texts(reply, asking.size() + 1),
                reply.get(asking.size()).toLong());
    }

    /** Gives permits back; one that another has by now is left alone. @return a reply for each limit among them */
    public Map<String, Reply> free(Collection<Permit> permits, Duration lease) {
        return give(args(permits, now(), millis(lease)));
    }

    /** Takes back whatever these have of a limit, their permits and their turns in the line. */
    public Map<String, Reply> forget(Map<String, List<String>> holders, Duration lease) {
        var args = new LinkedHashMap<String, List<String>>();
        holders.forEach((limit, all) -> {
            var each = new ArrayList<>(List.of(now(), millis(lease)));
            all.forEach(holder -> each.addAll(List.of(holder, "")));
            args.put(limit, each);
        });
        return give(args);
    }

    /** Which of these have a permit or the promise of one. @return true or false for each */
    public List<Boolean> holding(List<Map.Entry<String, String>> limitAndHolder) {
        return exists(limitAndHolder, LimitKeys::holders);
    }

    /** Which of these wait in the line of the limit. @return true or false for each */
    public List<Boolean> inLine(List<Map.Entry<String, String>> limitAndHolder) {
        return exists(limitAndHolder, LimitKeys::waiting);
    }

    private List<Boolean> exists(List<Map.Entry<String, String>> limitAndHolder, UnaryOperator<String> key) {
        return redis
                .sendAll(limitAndHolder.stream()
                        .map(e -> RedisLink.request(Command.ZSCORE, key.apply(e.getKey()), e.getValue()))
                        .toList())
                .stream()
                .map(Objects::nonNull)
                .toList();
    }

    private Map<String, Reply> give(Map<String, List<String>> args) {
        var replies = new LinkedHashMap<String, Reply>();
        run(Script.FREE, args).forEach((limit, reply) -> replies.put(limit, freed(reply)));
        return replies;
    }

    private static Reply freed(Response reply) {
        return new Reply(List.of(), texts(reply, 2), reply.get(0).toLong());
    }

    /** Extends the leases. @return those that are lost: the lease had ended, and another may have the permit */
    public List<Permit> keep(Collection<Permit> permits, Duration lease) {
        var args = args(permits, now(), millis(lease), millis(REMEMBERED));
        var byLimit = new LinkedHashMap<String, List<Permit>>();
        permits.forEach(p ->
                byLimit.computeIfAbsent(p.limit(), limit -> new ArrayList<>()).add(p));
        var calls = args.entrySet().stream()
                .map(e -> new RedisLink.Call(
                        List.of(LimitKeys.holders(e.getKey()), LimitKeys.state(e.getKey())), e.getValue()))
                .toList();
        var replies = redis.runSome(Script.KEEP, calls).iterator();
        var lost = new ArrayList<Permit>();
        for (List<Permit> group : byLimit.values()) {
            // Where Redis does not answer nobody else gets the permit either.
            replies.next()
                    .ifPresent(kept -> IntStream.range(0, group.size())
                            .filter(i -> kept.get(i).toInteger() == 0)
                            .forEach(i -> lost.add(group.get(i))));
        }
        return lost;
    }

    /**
     * Notes that somebody waits for these limits, so that {@link #sweep} looks at them. To be called after a refusal
     * and before the one who was refused is put aside.
     */
    public void await(Collection<String> limits, Duration lease) {
        if (limits.isEmpty()) return;
        var args = new ArrayList<Object>(List.of(Keys.limitsAwaited(), "NX"));
        long at = millis() + lease.toMillis();
        limits.forEach(limit -> {
            args.add(at);
            args.add(limit);
        });
        redis.send(Command.ZADD, args.toArray());
    }

    /**
     * Frees the permits whose leases have ended, of limits that somebody waits for: at most {@code count} of those that
     * are due to be looked at. Of several callers one looks at each.
     *
     * @return a reply for each limit that was looked at
     */
    public Map<String, Reply> sweep(Duration lease, int count) {
        Response due = redis.send(
                Command.ZRANGE, Keys.limitsAwaited(), "-inf", millis(), "BYSCORE", "LIMIT", 0, count, "WITHSCORES");
        var replies = new LinkedHashMap<String, Reply>();
        for (int i = 0; i + 1 < due.size(); i += 2) {
            String limit = due.get(i).toString();
            // Moved on first: a sweep that ends half way is made good by the next one, a lease later.
            String next = String.valueOf(millis() + lease.toMillis());
            if (!move(limit, due.get(i + 1).toString(), next)) continue;
            Response reply = run(Script.FREE, Map.of(limit, List.of(now(), millis(lease))))
                    .get(limit);
            replies.put(limit, freed(reply));
            if (reply.get(0).toLong() == 0) leave(limit, next, lease);
            // Nothing comes free by itself before the first lease ends.
            else if (reply.get(1).toLong() > 0) move(limit, next, reply.get(1).toString());
        }
        return replies;
    }

    /** Who came to wait while the limit was taken off the list found it there, and relies on it. */
    private void leave(String limit, String at, Duration lease) {
        move(limit, at, "");
        if (fill(limit).waiting() > 0) await(List.of(limit), lease);
    }

    private boolean move(String limit, String from, String to) {
        return redis.run(Script.DUE, List.of(Keys.limitsAwaited()), List.of(limit, from, to))
                        .toInteger()
                == 1;
    }

    /** How full a limit is. @param held permits that are given out */
    public record Fill(long held, long max, long waiting) {}

    public Fill fill(String limit) {
        var replies = redis.sendAll(List.of(
                RedisLink.request(Command.ZCARD, LimitKeys.holders(limit)),
                RedisLink.request(Command.HGET, LimitKeys.state(limit), "max"),
                RedisLink.request(Command.ZCARD, LimitKeys.waiting(limit))));
        long max = replies.get(1) == null ? 0 : replies.get(1).toLong();
        return new Fill(replies.get(0).toLong(), max, replies.get(2).toLong());
    }

    private static Map<String, List<String>> args(Collection<Permit> permits, String... first) {
        var args = new LinkedHashMap<String, List<String>>();
        for (Permit permit : permits) {
            var of = args.computeIfAbsent(permit.limit(), limit -> new ArrayList<>(List.of(first)));
            of.add(permit.holder());
            of.add(String.valueOf(permit.fence()));
        }
        return args;
    }

    private Map<String, Response> run(Script script, Map<String, List<String>> args) {
        var calls = args.entrySet().stream()
                .map(e -> new RedisLink.Call(keys(e.getKey()), e.getValue()))
                .toList();
        List<Response> replies = redis.runAll(script, calls);
        var byLimit = new LinkedHashMap<String, Response>();
        args.keySet().forEach(limit -> byLimit.put(limit, replies.get(byLimit.size())));
        return byLimit;
    }

    private static List<String> keys(String limit) {
        return List.of(LimitKeys.holders(limit), LimitKeys.waiting(limit), LimitKeys.state(limit));
    }

    private static List<String> texts(Response reply, int from) {
        return IntStream.range(from, reply.size())
                .mapToObj(i -> reply.get(i).toString())
                .toList();
    }

    private String now() {
        return clock.map(c -> String.valueOf(c.millis())).orElse("");
    }

    /** For what must be the same for all, but not exact. */
    private long millis() {
        if (clock.isPresent()) return clock.get().millis();
        Response time = redis.send(Command.TIME);
        return time.get(0).toLong() * 1000 + time.get(1).toLong() / 1000;
    }

    private static String millis(Duration duration) {
        return String.valueOf(duration.toMillis());
    }
}
