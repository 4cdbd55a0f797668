package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How much there is for dispatchers to do, as Redis has it: so any process can tell while there is no dispatcher. What
 * only passes the time, such as deleting old runs, is no demand.
 */
@ApplicationScoped
public class Demand {
    /** 10 s: what is due by then finds a dispatcher that was started for it. */
    private static final Duration AHEAD = Duration.ofSeconds(10);

    private final RedisLink redis;
    private final Partitions partitions;

    Demand(RedisLink redis, Partitions partitions) {
        this.redis = redis;
        this.partitions = partitions;
    }

    /**
     * Numbers of things to do.
     *
     * @param tasks that wait or are in flight
     * @param events that runs have yet to take in, want of others, or that wait for the sink
     * @param due timers and schedules of the next 10 s
     * @param clearings of dead letters under way
     */
    public record Amount(long tasks, long events, long due, long clearings) {
        public long total() {
            return tasks + events + due + clearings;
        }
    }

    /** Blocks. A partition whose server does not answer makes it fail. */
    public Amount at(Instant now) {
        String until = String.valueOf(now.plus(AHEAD).toEpochMilli());
        List<Partition> all = partitions.all();
        var requests = new ArrayList<Request>();
        for (Partition p : all) {
            requests.add(RedisLink.request(Command.GET, Keys.depth(p)));
            requests.add(RedisLink.request(Command.ZCOUNT, Keys.timers(p), "-inf", until));
            for (String stream : List.of(Keys.inbox(p), Keys.outbox(p), Keys.sink(p))) {
                requests.add(RedisLink.request(Command.XLEN, stream));
            }
        }
        requests.add(RedisLink.request(Command.ZCOUNT, ScheduleKeys.schedulesDue(), "-inf", until));
        requests.add(RedisLink.request(Command.SCARD, Keys.openClearings()));
        return sum(redis.sendAll(requests), all.size());
    }

    private static Amount sum(List<Response> replies, int partitions) {
        long[] sums = new long[5];
        for (int i = 0; i < partitions * 5; i++) sums[i % 5] += number(replies.get(i));
        long schedules = number(replies.get(partitions * 5));
        long clearings = number(replies.get(partitions * 5 + 1));
        return new Amount(Math.max(0, sums[0]), sums[2] + sums[3] + sums[4], sums[1] + schedules, clearings);
    }

    private static long number(Response reply) {
        return reply == null ? 0 : reply.toLong();
    }
}
