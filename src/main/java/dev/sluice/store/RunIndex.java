package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.store.Latest.Position;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists runs over all partitions, the latest accepted first. */
@ApplicationScoped
public class RunIndex {
    private static final Pattern CURSOR = Pattern.compile("(\\d{1,15})_([\\w.-]{1,120})");

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
        return cursor(new Position(run.acceptedAt().toEpochMilli(), run.id()));
    }

    private static String cursor(Position position) {
        return position.at() + "_" + position.member();
    }

    /** How many runs have each status. */
    public Map<RunStatus, Long> counts() {
        List<Partition> all = partitions.all();
        var requests = new ArrayList<Request>();
        for (RunStatus status : RunStatus.values()) {
            for (Partition p : all) requests.add(RedisLink.request(Command.ZCARD, Keys.runs(p, status.word())));
        }
        var replies = redis.sendAll(requests).iterator();
        var counts = new EnumMap<RunStatus, Long>(RunStatus.class);
        for (RunStatus status : RunStatus.values()) {
            long sum = 0;
            for (int i = 0; i < all.size(); i++) sum += replies.next().toLong();
            counts.put(status, sum);
        }
        return counts;
    }

    /**
     * @param cursor from the page before; empty for the first
     * @throws IllegalArgumentException when {@code cursor} is not one
     */
    public Page page(Set<RunStatus> statuses, Optional<String> cursor, int limit) {
        List<Partition> all = partitions.all();
        return read(
                statuses.stream()
                        .flatMap(status -> all.stream().map(p -> Keys.runs(p, status.word())))
                        .toList(),
                cursor,
                limit);
    }

    /**
     * The runs that have, or had a moment ago, this search attribute.
     *
     * @throws IllegalArgumentException when {@code cursor} is not one
     */
    public Page page(String attribute, String value, Optional<String> cursor, int limit) {
        return read(
                partitions.all().stream()
                        .map(p -> Keys.attribute(p, attribute, value))
                        .toList(),
                cursor,
                limit);
    }

    private Page read(Collection<String> keys, Optional<String> cursor, int limit) {
        Latest.Page page = Latest.page(redis, keys, cursor.map(RunIndex::parse), limit);
        Optional<String> next = page.isLast()
                ? Optional.empty()
                : Optional.of(cursor(page.positions().getLast()));
        return new Page(heads(page.positions().stream().map(Position::member).toList()), next);
    }

    /** The heads of the runs that exist, in the order of {@code runIds}. */
    public List<RunHead> heads(List<String> runIds) {
        return redis.sendAll(runIds.stream().map(RunHead::request).toList()).stream()
                .map(RunHead::of)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Position parse(String cursor) {
        Matcher matcher = CURSOR.matcher(cursor);
        if (!matcher.matches()) throw new IllegalArgumentException("not a cursor: " + cursor);
        return new Position(Long.parseLong(matcher.group(1)), matcher.group(2));
    }
}
