package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        lanes(partitions).forEach((partition, lanes) -> {
            for (LaneName lane : lanes) {
                functions.computeIfAbsent(partition, p -> new TreeSet<>()).add(lane.function());
            }
        });
        return functions;
    }

    /** Without the partitions whose Redis does not answer. */
    private Map<Partition, List<LaneName>> lanes(List<Partition> partitions) {
        List<Optional<Response>> replies = redis.sendSome(partitions.stream()
                .map(p -> RedisLink.request(Command.SMEMBERS, Keys.lanes(p)))
                .toList());
        var lanes = new LinkedHashMap<Partition, List<LaneName>>();
        for (int i = 0; i < partitions.size(); i++) {
            Partition partition = partitions.get(i);
            replies.get(i)
                    .map(reply -> reply.stream()
                            .map(name -> LaneName.parse(name.toString()))
                            .toList())
                    .ifPresent(names -> lanes.put(partition, names));
        }
        return lanes;
    }

    /**
     * Counts the tasks of each partition anew, forgets lanes that are empty, and makes those ready that were not though
     * a task waits in them.
     */
    public void recount(List<Partition> partitions) {
        Map<Partition, List<LaneName>> lanes = lanes(partitions);
        var calls = new ArrayList<RedisLink.Call>();
        lanes.forEach((partition, names) -> calls.add(recount(partition, names)));
        var replies = redis.runSome(Script.RECOUNT, calls).iterator();
        lanes.keySet().forEach(partition -> replies.next().ifPresent(reply -> tell(partition, reply)));
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
