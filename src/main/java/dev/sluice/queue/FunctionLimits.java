package dev.sluice.queue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** {@code sluice.functions."name".*}: what single functions may be asked at most, over all dispatchers. */
@ConfigMapping(prefix = "sluice.functions")
public interface FunctionLimits {
    @WithParentName
    Map<String, Function> all();

    interface Function {
        /**
         * Attempts at the same time, 1 or more; any number when not set. The window of each dispatcher comes on top.
         */
        OptionalInt concurrency();

        Rate rate();
    }

    interface Rate {
        /** Attempts that begin within any minute, 1 or more; any number when not set. */
        OptionalLong requestsPerMinute();
    }
}
