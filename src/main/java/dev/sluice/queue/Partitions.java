package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The partitions of this deployment, and which one a new run goes to. */
@ApplicationScoped
public class Partitions {
    /** The one group there is until workflows choose their own. */
    static final String GROUP = "default";

    private final RedisLink redis;
    private final List<Partition> all;

    Partitions(
            RedisLink redis,
            @ConfigProperty(name = "sluice.region", defaultValue = "local") String region,
            @ConfigProperty(name = "sluice.queue.partitions", defaultValue = "4") int count) {
        this.redis = redis;
        this.all = IntStream.range(0, count)
                .mapToObj(i -> new Partition(GROUP, region, i))
                .toList();
    }

    public List<Partition> all() {
        return all;
    }

    public Partition any(RandomGenerator random) {
        return all.get(random.nextInt(all.size()));
    }

    /** The same for the same key, as long as the number of partitions stays. */
    public Partition forKey(String key) {
        return all.get(RunId.spread(key) % all.size());
    }

    /** The first start of a group fixes its number of partitions; another number later would hide runs. */
    public void fixCount() {
        redis.send(Command.HSETNX, Keys.groups(), GROUP, all.size());
        int fixed = redis.send(Command.HGET, Keys.groups(), GROUP).toInteger();
        if (fixed == all.size()) return;
        throw Problem.of(
                        Code.SL1007,
                        "sluice.queue.partitions is " + all.size() + ", but group '" + GROUP + "' was created with "
                                + fixed + " partitions in this Redis. Set it to " + fixed + ", or use an empty Redis.")
                .asException();
    }
}
