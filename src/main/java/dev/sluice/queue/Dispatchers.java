package dev.sluice.queue;

import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The dispatchers that live, and which of them takes a partition's tasks: one at a time, under a fencing token. */
@ApplicationScoped
public class Dispatchers {
    private final RedisLink redis;

    Dispatchers(RedisLink redis) {
        this.redis = redis;
    }

    /**
     * Says that a dispatcher lives.
     *
     * @param lasts from now, if it is not said again
     * @return the names of all that live, the same for all of them
     */
    public List<String> join(String name, Duration lasts) {
        return redis
                .run(Script.MEMBER, List.of(Keys.dispatchers()), List.of(name, String.valueOf(lasts.toMillis())))
                .stream()
                .map(Response::toString)
                .toList();
    }

    public void leave(String name) {
        redis.run(Script.MEMBER, List.of(Keys.dispatchers()), List.of(name, "0"));
    }

    /**
     * Takes partitions, or keeps them.
     *
     * @param tokens by partition; what is not there yet is taken if nobody has it
     * @param lasts from now, if they are not kept again
     * @return those that the caller has now, with their tokens; the others are with somebody else, or out of reach
     */
    public Map<Partition, Long> serve(List<Partition> partitions, Map<Partition, Long> tokens, Duration lasts) {
        var calls = new ArrayList<RedisLink.Call>();
        for (Partition p : partitions) {
            Long token = tokens.get(p);
            calls.add(new RedisLink.Call(
                    List.of(Keys.dispatcher(p), Keys.dispatchFence(p)),
                    List.of(token == null ? "" : String.valueOf(token), String.valueOf(lasts.toMillis()))));
        }
        List<Optional<Response>> replies = redis.runSome(Script.SERVE, calls);
        var served = new HashMap<Partition, Long>();
        for (int i = 0; i < partitions.size(); i++) {
            long token = replies.get(i).map(Response::toLong).orElse(0L);
            if (token != 0) served.put(partitions.get(i), token);
        }
        return served;
    }

    /** Gives partitions back, to be taken at once; does nothing to those that another has by now. */
    public void release(Map<Partition, Long> tokens) {
        var calls = new ArrayList<RedisLink.Call>();
        tokens.forEach((p, token) ->
                calls.add(new RedisLink.Call(List.of(Keys.dispatcher(p)), List.of(String.valueOf(token)))));
        if (!calls.isEmpty()) redis.runSome(Script.RELEASE, calls);
    }
}
