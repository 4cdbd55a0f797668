package dev.sluice.queue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.util.Map;
import java.util.OptionalInt;

/** {@code sluice.tenants."name".*}: how single tenants are served. */
@ConfigMapping(prefix = "sluice.tenants")
public interface TenantSettings {
    @WithParentName
    Map<String, Tenant> all();

    interface Tenant {
        /**
         * Share of what tenants get while they wait for the same function: one with 2 gets twice as much as one with 1.
         */
        @WithDefault("1")
        double weight();

        /**
         * How many of its attempts may be with functions at the same time, over all dispatchers, 1 or more; when not
         * set, that of {@code sluice.lanes.tenant-concurrency}.
         */
        OptionalInt concurrency();
    }
}
