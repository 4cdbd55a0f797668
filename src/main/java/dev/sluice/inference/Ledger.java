package dev.sluice.inference;

import dev.sluice.queue.Keys;
import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What calls of models have cost, for those who look at it. Written by {@link Books#settle}. Blocks. */
@ApplicationScoped
public class Ledger {
    /** 1,000 lines: some 300 KiB; a page of them is asked for, not all. */
    public static final int LINES_MAX = 1_000;

    private final RedisLink redis;

    Ledger(RedisLink redis) {
        this.redis = redis;
    }

    /**
     * One exchange with an endpoint on behalf of a run, see {@code LedgerLine}.
     *
     * @param attempt from 1; 0: not known
     * @param input tokens sent, those in {@code cached} included
     * @param costMicros micro-dollars that were paid for certain
     * @param uncertainMicros at most so much more may have been paid
     * @param outcome {@code answered}, {@code journal}, {@code cache}, {@code cancelled}, {@code lost}, or the code of
     *     a problem
     */
    public record Entry(
            Instant at,
            String step,
            int attempt,
            String call,
            String exchange,
            String endpoint,
            String model,
            long input,
            long cached,
            long output,
            long costMicros,
            long uncertainMicros,
            long millis,
            String outcome,
            String rung,
            boolean hedge,
            String prices) {}

    /**
     * What one tenant's runs of one workflow had from one model at one endpoint on a day.
     *
     * @param workflow {@code namespace.name}, empty: calls outside of any
     * @param endpoint empty, as is {@code model}: of exchanges whose process died, so that nobody knows
     * @param calls exchanges; answers from the journal or a cache are none
     * @param micros micro-dollars paid for certain
     * @param uncertainMicros at most so much more may have been paid
     */
    public record Row(
            String tenant,
            String workflow,
            String endpoint,
            String model,
            long calls,
            long input,
            long cached,
            long output,
            long micros,
            long uncertainMicros) {}

    /** All of one day (UTC), ordered by tenant, workflow, endpoint, model. Kept for 400 days. */
    public record Totals(LocalDate day, List<Row> rows) {}

    /**
     * The run's lines in the order in which they were written; empty when there is no such run.
     *
     * @param from number of the first, from 0
     * @param limit 1 to {@link #LINES_MAX}; what is outside is taken as the nearest
     */
    public List<Entry> lines(String run, int from, int limit) {
        return RunId.partition(run)
                .map(p -> page(Keys.ledger(p, run), Math.max(0, from), Math.clamp(limit, 1, LINES_MAX)))
                .orElse(List.of());
    }

    private List<Entry> page(String key, int from, int count) {
        return redis.send(Command.LRANGE, key, from, (long) from + count - 1).stream()
                .map(line -> LineCodec.entry(line.toString()))
                .toList();
    }

    /** What was spent on that day; it counts to the day on which the call began. */
    public Totals of(LocalDate day) {
        Response flat = redis.send(Command.HGETALL, ModelKeys.totals(day));
        var sums = new TreeMap<String, Map<String, Long>>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            String field = flat.get(i).toString();
            int cut = field.lastIndexOf('|');
            sums.computeIfAbsent(field.substring(0, cut), row -> new TreeMap<>())
                    .put(field.substring(cut + 1), flat.get(i + 1).toLong());
        }
        return new Totals(
                day,
                sums.entrySet().stream().map(e -> row(e.getKey(), e.getValue())).toList());
    }

    private static Row row(String names, Map<String, Long> sums) {
        List<String> name = Names.split(names);
        return new Row(
                name.get(0),
                name.get(1),
                name.get(2),
                name.get(3),
                sums.getOrDefault("n", 0L),
                sums.getOrDefault("i", 0L),
                sums.getOrDefault("c", 0L),
                sums.getOrDefault("o", 0L),
                sums.getOrDefault("m", 0L),
                sums.getOrDefault("u", 0L));
    }
}
