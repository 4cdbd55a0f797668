package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Looks over all lanes: which there are, what in them was left behind, how many tasks they have, which are empty. */
@ApplicationScoped
public class LaneSweep {
    private static final Logger LOG = Logger.getLogger(LaneSweep.class);

    /** 1,000: what lies behind is found when those before it are taken over. */
    private static final int EXPIRED_MAX = 1_000;

    private final RedisLink redis;

    LaneSweep(RedisLink redis) {
        this.redis = redis;
    }

    /**
     * What was found.
     *
     * @param lanes of each partition; one that could not be asked is left out
     * @param expired tasks whose lease has ended, or that were given back and are due; at most 1,000 of a partition
     */
    public record Look(Map<Partition, List<LaneName>> lanes, List<Place> expired) {
        /** The functions that a partition has lanes of. */
        public Set<String> functions(Partition partition) {
            return lanes.getOrDefault(partition, List.of()).stream()
                    .map(LaneName::function)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    public Look look(List<Partition> partitions) {
        List<Optional<Response>> replies = redis.runSome(
                Script.LOOK,
                partitions.stream()
                        .map(p -> new RedisLink.Call(
                                List.of(Keys.inFlight(p), Keys.lanes(p)), List.of(String.valueOf(EXPIRED_MAX))))
                        .toList());
        var lanes = new LinkedHashMap<Partition, List<LaneName>>();
        var expired = new ArrayList<Place>();
        for (int i = 0; i < partitions.size(); i++) {
            if (replies.get(i).isEmpty()) continue;
            Partition partition = partitions.get(i);
            Response reply = replies.get(i).get();
            for (Response place : reply.get(0)) expired.add(Place.parse(partition, place.toString()));
            lanes.put(
                    partition,
                    reply.get(1).stream()
                            .map(name -> LaneName.parse(name.toString()))
                            .toList());
        }
        return new Look(lanes, expired);
    }

    /**
     * Counts the tasks of each partition anew, forgets lanes that are empty, and makes those ready that were not though
     * a task waits in them.
     */
    public void recount(List<Partition> partitions) {
        Map<Partition, List<LaneName>> lanes = look(partitions).lanes();
        var counted = List.copyOf(lanes.keySet());
        var replies = redis.runSome(
                Script.RECOUNT,
                counted.stream().map(p -> recount(p, lanes.get(p))).toList());
        for (int i = 0; i < counted.size(); i++) {
            Partition partition = counted.get(i);
            replies.get(i).ifPresent(reply -> tell(partition, reply));
        }
    }

    private static RedisLink.Call recount(Partition partition, List<LaneName> lanes) {
        var keys = new ArrayList<>(List.of(Keys.lanes(partition), Keys.depth(partition)));
        var args = new ArrayList<>(List.of(Keys.GROUP));
        for (LaneName lane : lanes) {
            keys.add(Keys.lane(partition, lane));
            keys.add(Keys.ready(partition, lane));
            args.add(lane.text());
            args.add(lane.tenant());
        }
        return new RedisLink.Call(keys, args);
    }

    private static void tell(Partition partition, Response reply) {
        if (reply.size() == 0) return;
        long drift = reply.get(0).toLong();
        if (drift != 0) LOG.warnf("partition=%s depth was %+d off; it is right now", partition.tag(), drift);
        long roused = reply.get(1).toLong();
        if (roused != 0) LOG.warnf("partition=%s: %d lanes had tasks that nobody knew of", partition.tag(), roused);
    }

    /** Tasks of the partition, waiting and in flight. */
    public long depth(Partition partition) {
        Response depth = redis.send(Command.GET, Keys.depth(partition));
        return depth == null ? 0 : depth.toLong();
    }
}
