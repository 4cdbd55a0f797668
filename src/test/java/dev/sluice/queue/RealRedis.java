package dev.sluice.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.boot.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The queue on a real, empty Redis, made by hand instead of by Quarkus. */
public final class RealRedis {
    public static final Vertx VERTX = Vertx.vertx();

    static final RedisServers SERVERS = new RedisServers(
            VERTX,
            TestRedis.options().setProtocolNegotiation(false).setMaxPoolSize(16).setMaxPoolWaiting(1_024));

    static final Durability DURABILITY = new Durability(Duration.ofSeconds(5), 0, Duration.ofSeconds(1));

    public static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    /** The first of {@link #partitions}. */
    public static final Partition P = new Partition("default", "test", 0);

    public final RedisLink link;
    public final Partitions partitions;
    public final MemoryWatch memory;
    public final TaskQueue tasks;
    public final LaneSweep sweep;
    public final Dispatchers dispatchers;
    public final Inbox inbox;
    public final Ownership ownership;
    public final Leases leases;
    public final RateLimits rates;

    private RealRedis(RedisLink link) {
        this.link = link;
        this.partitions = new Partitions(link, List.of("test"), 2);
        this.memory = new MemoryWatch(link, new SimpleMeterRegistry(), Optional.empty(), 0.9, 0.85);
        this.tasks = new TaskQueue(link, Ranking.DEFAULT);
        this.sweep = new LaneSweep(link);
        this.dispatchers = new Dispatchers(link);
        this.inbox = new Inbox(link);
        this.ownership = new Ownership(link);
        this.leases = new Leases(link);
        this.rates = new RateLimits(link);
    }

    /** Removes every key; known scripts stay. */
    public static RealRedis empty() {
        var redis = new RealRedis(new RedisLink(SERVERS, DURABILITY));
        redis.sendToEach(Command.FLUSHALL);
        return redis;
    }

    /** The same Redis, as it is, for a process that ends at its write number {@code write}, see {@link MortalLink}. */
    public static RealRedis mortal(int write, boolean afterwards) {
        return new RealRedis(new MortalLink(SERVERS, write, afterwards));
    }

    /** Lets {@link #memory} see a server that uses so many of so many bytes. */
    public void memoryIs(long used, long max) {
        memory.take(link.servers().iterator().next(), used, max);
    }

    /** Where no limit is configured. */
    public Turnstile turnstile(String consumer) {
        return turnstile(consumer, Map.of(), Map.of(), Map.of(), Duration.ofSeconds(15), Clock.systemUTC());
    }

    /**
     * With permits and rates timed by this clock.
     *
     * @param tenants most attempts at once of each tenant; @param functions of each function
     * @param rates attempts a minute of each function
     */
    public Turnstile turnstile(
            String consumer,
            Map<String, Integer> tenants,
            Map<String, Integer> functions,
            Map<String, Integer> rates,
            Duration lease,
            Clock clock) {
        return new Turnstile(
                new Limits(link, Optional.of(clock)),
                new RateLimits(link, Optional.of(clock)),
                new TaskLimits(tenants, functions, rates),
                tasks,
                consumer,
                lease,
                clock);
    }

    public Turnstiles turnstiles() {
        return new Turnstiles(
                new Limits(link), new RateLimits(link), new TaskLimits(Map.of(), Map.of(), Map.of()), tasks);
    }

    public Limits limits(Clock clock) {
        return new Limits(link, Optional.of(clock));
    }

    public Response send(Command command, Object... args) {
        return link.send(command, args);
    }

    /** To every primary, as commands without a key are meant. */
    public List<Response> sendToEach(Command command, Object... args) {
        return SERVERS.map().all().stream()
                .map(server -> link.sendTo(server, RedisLink.request(command, args)))
                .toList();
    }

    /** How often the servers have carried out this command, in small letters. */
    public long count(String command) {
        var pattern = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)");
        return sendToEach(Command.INFO, "commandstats").stream()
                .flatMap(stats -> pattern.matcher(stats.toString()).results())
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    /** All keys, in order. */
    public List<String> keys() {
        return keys("*");
    }

    /** @param pattern as in KEYS */
    public List<String> keys(String pattern) {
        return sendToEach(Command.KEYS, pattern).stream()
                .flatMap(Response::stream)
                .map(Response::toString)
                .sorted()
                .toList();
    }

    /** A hash as a map, in the order of its fields. */
    public Map<String, String> hash(String key) {
        Response flat = send(Command.HGETALL, key);
        var map = new TreeMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            map.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return map;
    }

    /** The fields of each entry, in order; the entry's own id is left out. */
    public List<Map<String, String>> stream(String key) {
        var entries = new ArrayList<Map<String, String>>();
        for (Response entry : send(Command.XRANGE, key, "-", "+")) {
            entries.add(new TreeMap<>(StreamFields.of(entry.get(1)).values()));
        }
        return entries;
    }

    /** The fields of each entry among the dead letters, with {@code reason}, {@code from} and {@code buried}. */
    public List<Map<String, String>> dead(Partition p) {
        var letters = new ArrayList<Map<String, String>>();
        for (String text : hash(Keys.deadLetters(p)).values()) {
            JsonNode record = json(text);
            var letter = new TreeMap<String, String>();
            for (int i = 0; i + 1 < record.path("fields").size(); i += 2) {
                letter.put(
                        record.at("/fields/" + i).asText(),
                        record.at("/fields/" + (i + 1)).asText());
            }
            letter.put("reason", record.at("/problem/detail").asText());
            letter.put("from", record.path("stream").asText());
            letter.put("buried", record.path("at").asText());
            letters.add(letter);
        }
        return letters;
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    /** Members and scores, alternating. */
    public List<String> sorted(String key) {
        return texts(send(Command.ZRANGE, key, 0, -1, "WITHSCORES"));
    }

    public List<String> list(String key) {
        return texts(send(Command.LRANGE, key, 0, -1));
    }

    public long length(String stream) {
        return send(Command.XLEN, stream).toLong();
    }

    /** How many entries of the lane are with a dispatcher. */
    public long pending(String lane) {
        return send(Command.XPENDING, lane, Keys.GROUP).get(0).toLong();
    }

    /** Puts a task into the lane of those who ask for nothing in particular, the way a commit does. */
    public String addTask(String function, String run, int attempt) {
        return addTask(LaneName.of(function), run, attempt, T0);
    }

    /** Puts a task into a lane the way a commit does. @return id of its entry */
    public String addTask(LaneName lane, String run, int attempt, Instant at) {
        return addTask(P, lane, run, attempt, at);
    }

    public String addTask(Partition p, LaneName lane, String run, int attempt, Instant at) {
        // A step that waits for its task: one that nobody waits for is not handed out.
        send(Command.HSET, Keys.run(p, run), Keys.step("/do/0/x"), "{}");
        return addEntry(
                p, lane, "run", run, "step", "/do/0/x", "attempt", attempt, "input", "{}", "at", at.toEpochMilli());
    }

    /** Puts an entry of any fields into a lane. @return its id */
    public String addEntry(Partition p, LaneName lane, Object... fields) {
        var args = new ArrayList<Object>(List.of(Keys.lane(p, lane), "*"));
        args.addAll(List.of(fields));
        String entry = send(Command.XADD, args.toArray()).toString();
        send(Command.ZADD, Keys.ready(p, lane), "NX", lowestPass(p, lane), lane.tenant());
        send(Command.SADD, Keys.lanes(p), lane.text());
        send(Command.INCR, Keys.depth(p));
        return entry;
    }

    private String lowestPass(Partition p, LaneName lane) {
        Response first = send(Command.ZRANGE, Keys.ready(p, lane), 0, 0, "WITHSCORES");
        return first.size() == 0 ? "0" : first.get(1).toString();
    }

    public void endLeases() {
        endLeases(P);
    }

    /** Makes it look as if no dispatcher had shown itself for longer than a lease; not a write of this process. */
    public void endLeases(Partition p) {
        var outside = new RedisLink(SERVERS, DURABILITY);
        for (Response place : outside.send(Command.ZRANGE, Keys.inFlight(p), 0, -1)) {
            outside.send(Command.ZADD, Keys.inFlight(p), 1, place);
        }
    }

    public List<Delivery> reclaim(String function, String consumer, int count, TaskQueue.Reader reader) {
        return reclaim(P, function, consumer, count, reader);
    }

    /** What a dispatcher takes over of a function: everything whose lease has ended, up to {@code count}. */
    public List<Delivery> reclaim(Partition p, String function, String consumer, int count, TaskQueue.Reader reader) {
        var places = sweep.look(List.of(p)).expired().stream()
                .filter(place -> place.lane().function().equals(function))
                .limit(count)
                .toList();
        return tasks.reclaim(places, consumer, Duration.ofSeconds(15), T0, reader);
    }

    private static List<String> texts(Response array) {
        return array.stream().map(Response::toString).toList();
    }
}
