package dev.sluice.store;

import dev.sluice.queue.RedisLink;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Sorted sets by time, one or more of each partition, read as one list, the latest first. */
final class Latest {
    /** 1,000: so many members of one set may have the same millisecond before a page skips one. */
    private static final int TIES_MAX = 1_000;

    private static final Comparator<Position> LATEST_FIRST =
            Comparator.comparing(Position::at).thenComparing(Position::member).reversed();

    /** Where a member stands in the list. @param at ms since 1970 */
    record Position(long at, String member) {}

    /** @param isLast nothing comes after */
    record Page(List<Position> positions, boolean isLast) {}

    private Latest() {}

    /** @param after the last position of the page before; empty for the first page */
    static Page page(RedisLink redis, Collection<String> keys, Optional<Position> after, int limit) {
        List<Position> found = redis.sendAll(requests(keys, after, limit + 1)).stream()
                .flatMap(reply -> parse(reply).stream())
                .filter(position -> after.isEmpty() || LATEST_FIRST.compare(position, after.get()) > 0)
                .sorted(LATEST_FIRST)
                .distinct()
                .limit(limit + 1L)
                .toList();
        return new Page(found.subList(0, Math.min(limit, found.size())), found.size() <= limit);
    }

    private static List<Request> requests(Collection<String> keys, Optional<Position> after, int limit) {
        var requests = new ArrayList<Request>();
        for (String key : keys) {
            String max = after.map(a -> "(" + a.at()).orElse("+inf");
            requests.add(RedisLink.request(
                    Command.ZRANGE, key, max, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit, "WITHSCORES"));
            after.ifPresent(a -> requests.add(RedisLink.request(
                    Command.ZRANGE, key, a.at(), a.at(), "BYSCORE", "REV", "LIMIT", 0, TIES_MAX, "WITHSCORES")));
        }
        return requests;
    }

    private static List<Position> parse(Response reply) {
        var positions = new ArrayList<Position>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            positions.add(new Position(reply.get(i + 1).toLong(), reply.get(i).toString()));
        }
        return positions;
    }
}
