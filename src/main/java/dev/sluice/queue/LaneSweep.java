package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** Looks over all lanes: which there are, how many tasks they have, which of them are empty. */
@ApplicationScoped
public class LaneSweep {
    private static final Logger LOG = Logger.getLogger(LaneSweep.class);

    private final RedisLink redis;

    LaneSweep(RedisLink redis) {
        this.redis = redis;
    }

    /** The functions that a partition has lanes of; partitions without lanes are left out. */
    public Map<Partition, Set<String>> functions(List<Partition> partitions) {
        var functions = new HashMap<Partition, Set<String>>();
        List<List<LaneName>> lanes = lanes(partitions);
        for (int i = 0; i < partitions.size(); i++) {
            for (LaneName lane : lanes.get(i)) {
                functions
                        .computeIfAbsent(partitions.get(i), p -> new TreeSet<>())
                        .add(lane.function());
            }
        }
        return functions;
    }

    private List<List<LaneName>> lanes(List<Partition> partitions) {
        List<Response> replies = redis.sendAll(partitions.stream()
                .map(p -> RedisLink.request(Command.SMEMBERS, Keys.lanes(p)))
                .toList());
        return replies.stream()
                .map(reply -> reply.stream()
                        .map(name -> LaneName.parse(name.toString()))
                        .toList())
                .toList();
    }

    /**
     * Counts the tasks of each partition anew, forgets lanes that are empty, and makes those ready that were not though
     * a task waits in them.
     */
    public void recount(List<Partition> partitions) {
        List<List<LaneName>> lanes = lanes(partitions);
        var calls = new ArrayList<RedisLink.Call>();
        for (int i = 0; i < partitions.size(); i++) calls.add(recount(partitions.get(i), lanes.get(i)));
        List<Response> replies = redis.runAll(Script.RECOUNT, calls);
        for (int i = 0; i < partitions.size(); i++) tell(partitions.get(i), replies.get(i));
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
