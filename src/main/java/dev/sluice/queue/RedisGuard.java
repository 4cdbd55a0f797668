package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Refuses a Redis that may throw away what Sluice accepted. */
@ApplicationScoped
public class RedisGuard {
    private static final Logger LOG = Logger.getLogger(RedisGuard.class);

    private final RedisLink redis;

    RedisGuard(RedisLink redis) {
        this.redis = redis;
    }

    /** @throws dev.sluice.workflow.ProblemException SL1004 when Redis may evict keys, SL2016 when it does not answer */
    public void check() {
        String policy = info("memory", "maxmemory_policy");
        if (!policy.equals("noeviction")) {
            throw Problem.of(
                            Code.SL1004,
                            "Redis may evict keys when memory is short (maxmemory-policy " + policy
                                    + "). Set maxmemory-policy noeviction and start again.")
                    .asException();
        }
        if (!info("persistence", "aof_enabled").equals("1")) {
            LOG.warn("Redis has no append-only file: a restart of Redis loses what came after its last snapshot. "
                    + "Set appendonly yes.");
        }
    }

    private String info(String section, String name) {
        return redis.send(Command.INFO, section)
                .toString()
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
