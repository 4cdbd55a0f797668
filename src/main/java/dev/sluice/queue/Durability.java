package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How long a call goes on asking, and how many copies there must be before a caller is told yes. */
@ApplicationScoped
class Durability {
    private final Duration patience;
    private final int replicas;
    private final Duration timeout;

    /**
     * @param patience {@code sluice.redis.patience}, default 10 s: longer than a failover takes whose sentinels or
     *     cluster wait 5 s for a server
     * @param replicas {@code sluice.redis.wait.replicas}, default 0: the primary's word is enough
     * @param timeout {@code sluice.redis.wait.timeout}, default 1 s
     * @throws dev.sluice.workflow.ProblemException SL1007 for replicas below 0 or a timeout below 1 ms
     */
    Durability(
            @ConfigProperty(name = "sluice.redis.patience", defaultValue = "10s") Duration patience,
            @ConfigProperty(name = "sluice.redis.wait.replicas", defaultValue = "0") int replicas,
            @ConfigProperty(name = "sluice.redis.wait.timeout", defaultValue = "1s") Duration timeout) {
        if (replicas < 0 || timeout.toMillis() < 1) {
            throw Problem.of(
                            Code.SL1007,
                            "sluice.redis.wait.replicas is " + replicas + " and sluice.redis.wait.timeout " + timeout
                                    + "; they must be at least 0 and at least 1ms.")
                    .asException();
        }
        this.patience = patience;
        this.replicas = replicas;
        this.timeout = timeout;
    }

    /** From the first try of a call to its last. */
    Duration patience() {
        return patience;
    }

    /** How many must have a start, a signal, an event or a late result before it is answered. */
    int replicas() {
        return replicas;
    }

    /** How long they have for it. */
    Duration timeout() {
        return timeout;
    }
}
