package dev.sluice.store;

import dev.sluice.queue.Burial;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds dead letters over all partitions. A filter walks the facet that fewest letters have, and never looks at runs.
 */
@ApplicationScoped
public class DeadLetters {
    /** 2,000 letters are looked at for one page, some 50 ms; the cursor goes on from there. */
    private static final int SCANNED_MAX = 2_000;

    /** 200 at a time: some 100 KB of records. */
    private static final int SCAN = 200;

    /** 1,000 values of one facet are counted: more than a person reads, and functions may make up codes without end. */
    private static final int VALUES_MAX = 1_000;

    private static final Pattern CURSOR = Pattern.compile("(\\d{15})_([\\w.-]{1,120})");

    private final RedisLink redis;
    private final Partitions partitions;

    DeadLetters(RedisLink redis, Partitions partitions) {
        this.redis = redis;
        this.partitions = partitions;
    }

    /** @param next cursor of the following page; empty when there is no more. A page may have fewer than asked for. */
    public record Page(List<DeadLetter> letters, Optional<String> next) {}

    /** Where a letter stands: in the index a member is a facet, a line feed and this. */
    private record Position(String at, String id) {
        static final Comparator<Position> OLDEST_FIRST =
                Comparator.comparing(Position::at).thenComparing(Position::id);

        String member(String facet) {
            return facet + "\n" + at + "\n" + id;
        }

        String cursor() {
            return at + "_" + id;
        }
    }

    /** One facet in one partition. */
    private record Source(Partition partition, String facet) {}

    /**
     * The letter, wherever its facets would find it.
     *
     * @return empty when there is none (any more)
     */
    public Optional<DeadLetter> find(String id) {
        return RunId.partition(id)
                .map(p -> redis.send(Command.HGET, Keys.deadLetters(p), id))
                .map(text -> DeadLetter.decode(id, text.toString()));
    }

    /** When a redrive of the letter was asked for; empty: nobody has. */
    public Optional<Instant> redrivenAt(String id) {
        return RunId.partition(id)
                .map(p -> redis.send(Command.HGET, Keys.deadLetters(p), "redriven\n" + id))
                .map(mark -> mark.toString().split(" ")[0])
                .map(at -> Instant.ofEpochMilli(Long.parseLong(at)));
    }

    /**
     * The latest first.
     *
     * @throws IllegalArgumentException when {@code cursor} is not one
     */
    public Page latest(LetterQuery query, Optional<String> cursor, int limit) {
        return page(query, cursor, limit, true);
    }

    /** The oldest first. */
    Page oldest(LetterQuery query, Optional<String> cursor, int limit) {
        return page(query, cursor, limit, false);
    }

    private Page page(LetterQuery query, Optional<String> cursor, int limit, boolean latestFirst) {
        List<Source> sources = sources(query);
        var found = new ArrayList<DeadLetter>();
        Optional<Position> at = cursor.map(DeadLetters::parse);
        for (int looked = 0; looked < SCANNED_MAX; looked += SCAN) {
            List<Position> positions = positions(sources, query, at, latestFirst);
            for (DeadLetter letter : letters(positions)) {
                if (!query.matches(letter)) continue;
                found.add(letter);
                if (found.size() < limit) continue;
                boolean isLast = positions.size() < SCAN
                        && letter.id().equals(positions.getLast().id());
                return new Page(found, isLast ? Optional.empty() : Optional.of(cursor(letter)));
            }
            if (positions.size() < SCAN) return new Page(found, Optional.empty());
            at = Optional.of(positions.getLast());
        }
        return new Page(found, at.map(Position::cursor));
    }

    private static String cursor(DeadLetter letter) {
        return new Position(digits(letter.at()), letter.id()).cursor();
    }

    private static String digits(Instant at) {
        return String.format("%015d", at.toEpochMilli());
    }

    private static Position parse(String cursor) {
        Matcher matcher = CURSOR.matcher(cursor);
        if (!matcher.matches())
            throw new IllegalArgumentException("cursor must be what a page gave as next, was '" + cursor + "'");
        return new Position(matcher.group(1), matcher.group(2));
    }

    /** @return at most {@link #SCAN}, fewer at the end of the list only */
    private List<Position> positions(
            List<Source> sources, LetterQuery query, Optional<Position> after, boolean latestFirst) {
        var requests = sources.stream()
                .map(source -> {
                    String key = Keys.deadIndex(source.partition());
                    String least = least(source.facet(), query, latestFirst ? Optional.empty() : after);
                    String most = most(source.facet(), query, latestFirst ? after : Optional.empty());
                    return latestFirst
                            ? RedisLink.request(Command.ZRANGE, key, most, least, "BYLEX", "REV", "LIMIT", 0, SCAN)
                            : RedisLink.request(Command.ZRANGE, key, least, most, "BYLEX", "LIMIT", 0, SCAN);
                })
                .toList();
        var order = latestFirst ? Position.OLDEST_FIRST.reversed() : Position.OLDEST_FIRST;
        return redis.sendAll(requests).stream()
                .flatMap(Response::stream)
                .map(member -> member.toString().split("\n"))
                .map(parts -> new Position(parts[parts.length - 2], parts[parts.length - 1]))
                .sorted(order)
                .limit(SCAN)
                .toList();
    }

    private static String least(String facet, LetterQuery query, Optional<Position> after) {
        return after.map(position -> "(" + position.member(facet))
                .orElseGet(() -> "[" + facet + "\n"
                        + query.from().map(DeadLetters::digits).orElse(""));
    }

    private static String most(String facet, LetterQuery query, Optional<Position> before) {
        // A colon is the first character behind the digits.
        return before.map(position -> "(" + position.member(facet))
                .orElseGet(() -> "(" + facet + "\n"
                        + query.until().map(DeadLetters::digits).orElse(":"));
    }

    private List<DeadLetter> letters(List<Position> positions) {
        List<Response> records = redis.sendAll(positions.stream()
                .map(position -> RedisLink.request(
                        Command.HGET,
                        Keys.deadLetters(RunId.partition(position.id()).orElseThrow()),
                        position.id()))
                .toList());
        var letters = new ArrayList<DeadLetter>();
        for (int i = 0; i < positions.size(); i++) {
            // One that went in between has no record.
            if (records.get(i) == null) continue;
            letters.add(DeadLetter.decode(positions.get(i).id(), records.get(i).toString()));
        }
        return letters;
    }

    /** Those of the facet that fewest letters have. */
    private List<Source> sources(LetterQuery query) {
        return query.facets().entrySet().stream()
                .map(facet -> counted(values(facet.getKey(), facet.getValue())))
                .min(Comparator.comparing(DeadLetters::sum))
                .map(counted -> List.copyOf(counted.keySet()))
                .orElseGet(() -> partitions.all().stream()
                        .map(p -> new Source(p, Burial.all()))
                        .toList());
    }

    /** How many letters have the facet of the query that fewest have: at least as many as match it. */
    long atMost(LetterQuery query) {
        return query.facets().entrySet().stream()
                .map(facet -> sum(counted(values(facet.getKey(), facet.getValue()))))
                .min(Comparator.naturalOrder())
                .orElseGet(() -> sum(counted(Set.of(Burial.all()))));
    }

    private static long sum(Map<Source, Long> counted) {
        return counted.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The facets of that value; a workflow's name without a namespace stands for those in every namespace. */
    private Set<String> values(String name, String value) {
        var facets = new HashSet<>(Set.of(Burial.facet(name, value)));
        if (!name.equals("workflow")) return facets;
        counts().getOrDefault(name, Map.of()).keySet().stream()
                .filter(qualified -> qualified.endsWith("." + value))
                .forEach(qualified -> facets.add(Burial.facet(name, qualified)));
        return facets;
    }

    /** Where letters have one of the facets, and how many. */
    private Map<Source, Long> counted(Set<String> facets) {
        var sources = new ArrayList<Source>();
        partitions.all().forEach(p -> facets.forEach(facet -> sources.add(new Source(p, facet))));
        List<Response> replies = redis.sendAll(sources.stream()
                .map(s -> RedisLink.request(Command.HGET, Keys.deadCounts(s.partition()), s.facet()))
                .toList());
        var counted = new LinkedHashMap<Source, Long>();
        for (int i = 0; i < sources.size(); i++) {
            if (replies.get(i) != null)
                counted.put(sources.get(i), replies.get(i).toLong());
        }
        return counted;
    }

    /**
     * How many letters there are by each value of {@code kind}, {@code workflow}, {@code function}, {@code code} and
     * {@code tenant}, and as {@code all} under the empty text; of each the first 1,000 values.
     */
    public Map<String, Map<String, Long>> counts() {
        var counts = new TreeMap<String, Map<String, Long>>();
        var requests = partitions.all().stream()
                .map(p -> RedisLink.request(Command.HGETALL, Keys.deadCounts(p)))
                .toList();
        for (Response flat : redis.sendAll(requests)) {
            for (int i = 0; i + 1 < flat.size(); i += 2) {
                String[] facet = flat.get(i).toString().split("\n", 2);
                var values = counts.computeIfAbsent(facet[0], name -> new TreeMap<>());
                if (values.size() < VALUES_MAX || values.containsKey(facet[1])) {
                    values.merge(facet[1], flat.get(i + 1).toLong(), Long::sum);
                }
            }
        }
        return counts;
    }
}
