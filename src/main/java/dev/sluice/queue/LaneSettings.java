package dev.sluice.queue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** {@code sluice.lanes.*}: in which order tasks that wait for a function are delivered. */
@ConfigMapping(prefix = "sluice.lanes")
public interface LaneSettings {
    /** A task of normal priority goes before one of high priority that was enqueued so much later. */
    @WithDefault("30s")
    Duration normalAfter();

    /** The same for low priority. */
    @WithDefault("5m")
    Duration lowAfter();

    /** Of a function's window, above 0 and at most 1, which one tenant may fill while others wait. */
    @WithDefault("0.75")
    double tenantShare();

    /**
     * How many attempts of a tenant may be with functions at the same time, over all dispatchers; any number when not
     * set. {@code sluice.tenants."name".concurrency} says otherwise for single ones.
     */
    OptionalInt tenantConcurrency();
}
