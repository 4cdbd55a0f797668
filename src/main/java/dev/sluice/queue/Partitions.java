package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.QueueTerms;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The partitions of every workflow group in the regions of this server, and which one a new run goes to. A group gets
 * its number of partitions when it is first used and keeps it; it is the same in every region.
 */
@ApplicationScoped
public class Partitions {
    /** 1 s, as long as a sweep: after it, a server knows a group that another one made. */
    private static final Duration KNOWN_FOR = Duration.ofSeconds(1);

    /** 16,384, the slots of a cluster: a sweep looks at each partition, and this many take it about a second. */
    private static final int ALL_MAX = 16_384;

    private final RedisLink redis;
    private final List<String> regions;
    private final int count;
    private final AtomicLong readAt;
    private volatile Known known;

    /**
     * @param groups number of partitions of each
     * @param home of each group, those in the first region
     * @param all of all groups and regions, group by group
     */
    private record Known(Map<String, Integer> groups, Map<String, List<Partition>> home, List<Partition> all) {}

    /**
     * @param regions whose partitions this server serves; new runs go to the first
     * @param count of the default group, and of every group whose first document says nothing else
     */
    Partitions(
            RedisLink redis,
            @ConfigProperty(name = "sluice.region", defaultValue = "local") List<String> regions,
            @ConfigProperty(name = "sluice.queue.partitions", defaultValue = "4") int count) {
        this.redis = redis;
        this.regions = List.copyOf(regions);
        this.count = count;
        this.known = known(Map.of());
        this.readAt = new AtomicLong(System.nanoTime() - KNOWN_FOR.toNanos());
    }

    private Known known(Map<String, Integer> stored) {
        var groups = new TreeMap<>(stored);
        groups.putIfAbsent(QueueTerms.DEFAULT_GROUP, count);
        var home = new HashMap<String, List<Partition>>();
        var all = new ArrayList<Partition>();
        groups.forEach((group, partitions) -> {
            home.put(group, partitions(group, regions.getFirst(), partitions));
            for (String region : regions) all.addAll(partitions(group, region, partitions));
        });
        return new Known(Map.copyOf(groups), Map.copyOf(home), List.copyOf(all));
    }

    private static List<Partition> partitions(String group, String region, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Partition(group, region, i))
                .toList();
    }

    /** One moment's list: it grows when a group is added, so take it once for what belongs together. */
    public List<Partition> all() {
        long last = readAt.get();
        long now = System.nanoTime();
        // One caller reads; what the others know is no older than a sweep.
        if (now - last >= KNOWN_FOR.toNanos() && readAt.compareAndSet(last, now)) refresh();
        return known.all();
    }

    /**
     * As Redis has it now, for what must reach every partition: a run may have begun to listen in a group that was made
     * a moment ago by another server.
     */
    public List<Partition> allNow() {
        return refresh().all();
    }

    private Known refresh() {
        Response flat = redis.send(Command.HGETALL, Keys.groups());
        var groups = new TreeMap<String, Integer>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            groups.put(flat.get(i).toString(), flat.get(i + 1).toInteger());
        }
        Known read = known(groups);
        known = read;
        return read;
    }

    /** How many partitions the group has in each region; empty when it was never used. */
    public OptionalInt count(String group) {
        if (!known.groups().containsKey(group)) refresh();
        Integer partitions = known.groups().get(group);
        return partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions);
    }

    /**
     * Fixes the group's number of partitions, unless it has one.
     *
     * @param asked the deployment's number when empty
     * @return what it has, which may be another number than {@code asked}
     * @throws dev.sluice.workflow.ProblemException SL2033 when all groups together would have more than 16,384
     */
    public int open(String group, OptionalInt asked) {
        OptionalInt fixed = count(group);
        if (fixed.isPresent()) return fixed.getAsInt();
        int wanted = asked.orElse(count);
        int before = all().size();
        if (before + wanted * regions.size() > ALL_MAX) {
            throw Problem.of(
                            Code.SL2033,
                            "cannot give group '" + group + "' " + wanted + " partitions: all groups together have "
                                    + before + " of at most " + ALL_MAX + ". Let it share a group that exists.")
                    .asException();
        }
        redis.send(Command.HSETNX, Keys.groups(), group, wanted);
        refresh();
        return of(group).size();
    }

    /** Those of one group that new runs go to; opens the group when no deployment did. */
    public List<Partition> of(String group) {
        List<Partition> home = known.home().get(group);
        if (home != null) return home;
        open(group, OptionalInt.empty());
        return known.home().get(group);
    }

    public Partition any(String group, RandomGenerator random) {
        List<Partition> of = of(group);
        return of.get(random.nextInt(of.size()));
    }

    /** The same for the same key, because a group keeps its number of partitions. */
    public Partition forKey(String group, String key) {
        List<Partition> of = of(group);
        return of.get(RunId.spread(key) % of.size());
    }

    /** The first start fixes the number of the default group; another number later would hide runs. */
    public void fixCount() {
        String group = QueueTerms.DEFAULT_GROUP;
        redis.send(Command.HSETNX, Keys.groups(), group, count);
        int fixed = redis.send(Command.HGET, Keys.groups(), group).toInteger();
        if (fixed == count) return;
        throw Problem.of(
                        Code.SL1007,
                        "sluice.queue.partitions is " + count + ", but group '" + group + "' was created with " + fixed
                                + " partitions in this Redis. Set it to " + fixed + ", or use an empty Redis.")
                .asException();
    }
}
