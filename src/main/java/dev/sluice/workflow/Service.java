package dev.sluice.workflow;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a run is served by the queue, settled when the run is accepted and the same for all its tasks.
 *
 * @param tenant on whose behalf it runs, see {@link #isTenant}; empty: nobody's in particular
 * @param limits of what each of its attempts holds one unit while it is with a function
 */
public record Service(String tenant, Priority priority, List<Limit> limits) {
    public static final Service DEFAULT = new Service("", Priority.NORMAL, List.of());

    private static final Pattern TENANT = Pattern.compile("[\\w.-]{1,64}");

    /**
     * At most {@code max} attempts hold the same key at the same time, over all dispatchers.
     *
     * @param key {@code <namespace>.<workflow>/<name>=<value>}
     * @param max 1 or more
     */
    public record Limit(String key, int max) {}

    /**
     * What the one who starts a run asks for; what is empty is up to the workflow.
     *
     * @param startsAt the run is queued until then; empty: it begins at once
     */
    public record Asked(Optional<String> tenant, Optional<Priority> priority, Optional<Instant> startsAt) {
        public static final Asked NOTHING = new Asked(Optional.empty(), Optional.empty(), Optional.empty());

        /** The same service as another run's. */
        public static Asked like(Service service) {
            return new Asked(Optional.of(service.tenant()), Optional.of(service.priority()), Optional.empty());
        }

        public Asked at(Optional<Instant> begins) {
            return new Asked(tenant, priority, begins);
        }
    }

    /** 1 to 64 letters, digits, {@code _}, {@code .} and {@code -}. */
    public static boolean isTenant(String name) {
        return TENANT.matcher(name).matches();
    }
}
