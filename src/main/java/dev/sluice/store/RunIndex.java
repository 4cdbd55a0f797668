package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists runs over all partitions, the latest accepted first. */
@ApplicationScoped
public class RunIndex {
    /** 1,000: so many runs may be accepted in one partition in the same millisecond before a page skips one. */
    private static final int TIES_MAX = 1_000;

    private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})_([\\w.-]{1,120})");

    private static final Comparator<Position> LATEST_FIRST =
            Comparator.comparing(Position::at).thenComparing(Position::runId).reversed();

    /** Where a run stands in the list. */
    private record Position(long at, String runId) {
        String cursor() {
            return at + "_" + runId;
        }
    }

    /** @param next cursor of the following page; empty on the last one */
    public record Page(List<RunHead> runs, Optional<String> next) {}

    private final RedisLink redis;
    private final Partitions partitions;

    RunIndex(RedisLink redis, Partitions partitions) {
        this.redis = redis;
        this.partitions = partitions;
    }

    /** The cursor of the page that begins after {@code run}. */
    public static String cursorAfter(RunHead run) {
        return new Position(run.acceptedAt().toEpochMilli(), run.id()).cursor();
    }

    /** How many runs have each status. */
    public Map<RunStatus, Long> counts() {
        var requests = new ArrayList<Request>();
        for (RunStatus status : RunStatus.values()) {
            for (Partition p : partitions.all())
                requests.add(RedisLink.request(Command.ZCARD, Keys.runs(p, status.word())));
        }
        var replies = redis.sendAll(requests).iterator();
        var counts = new EnumMap<RunStatus, Long>(RunStatus.class);
        for (RunStatus status : RunStatus.values()) {
            long sum = 0;
            for (int i = 0; i < partitions.all().size(); i++)
                sum += replies.next().toLong();
            counts.put(status, sum);
        }
        return counts;
    }

    /**
     * @param cursor from the page before; empty for the first
     * @throws IllegalArgumentException when {@code cursor} is not one
     */
    public Page page(Set<RunStatus> statuses, Optional<String> cursor, int limit) {
        Optional<Position> after = cursor.map(RunIndex::parse);
        List<Position> found = positions(statuses, after, limit + 1);
        List<Position> shown = found.subList(0, Math.min(limit, found.size()));
        Optional<String> next =
                found.size() > limit ? Optional.of(shown.getLast().cursor()) : Optional.empty();
        return new Page(heads(shown.stream().map(Position::runId).toList()), next);
    }

    /** The heads of the runs that exist, in the order of {@code runIds}. */
    List<RunHead> heads(List<String> runIds) {
        if (runIds.isEmpty()) return List.of();
        var requests = runIds.stream()
                .map(id -> RedisLink.request(
                        Command.HGET, Keys.run(RunId.partition(id).orElseThrow(), id), "head"))
                .toList();
        return redis.sendAll(requests).stream()
                .filter(Objects::nonNull)
                .map(head -> RunHead.decode(head.toString()))
                .toList();
    }

    private List<Position> positions(Collection<RunStatus> statuses, Optional<Position> after, int limit) {
        var requests = new ArrayList<Request>();
        for (RunStatus status : statuses) {
            for (Partition p : partitions.all()) {
                String key = Keys.runs(p, status.word());
                String max = after.map(a -> "(" + a.at()).orElse("+inf");
                requests.add(RedisLink.request(
                        Command.ZRANGE, key, max, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit, "WITHSCORES"));
                after.ifPresent(a -> requests.add(RedisLink.request(
                        Command.ZRANGE, key, a.at(), a.at(), "BYSCORE", "REV", "LIMIT", 0, TIES_MAX, "WITHSCORES")));
            }
        }
        return redis.sendAll(requests).stream()
                .flatMap(reply -> parse(reply).stream())
                .filter(position -> after.isEmpty() || LATEST_FIRST.compare(position, after.get()) > 0)
                .sorted(LATEST_FIRST)
                .distinct()
                .limit(limit)
                .toList();
    }

    private static List<Position> parse(Response reply) {
        var positions = new ArrayList<Position>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            positions.add(new Position(reply.get(i + 1).toLong(), reply.get(i).toString()));
        }
        return positions;
    }

    private static Position parse(String cursor) {
        Matcher matcher = CURSOR.matcher(cursor);
        if (!matcher.matches()) throw new IllegalArgumentException("not a cursor: " + cursor);
        return new Position(Long.parseLong(matcher.group(1)), matcher.group(2));
    }
}
