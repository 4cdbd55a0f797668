package dev.sluice.dispatch;

import java.net.URI;
import java.time.Duration;

/**
 * Where and how a function is called.
 *
 * @param window requests in flight at the same time
 * @param timeout of one attempt
 */
record FunctionTarget(String name, URI url, int window, Duration timeout) {
    private static final int WINDOW = 16;
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    static FunctionTarget of(String name, DispatchSettings settings) {
        URI byConvention = URI.create(settings.functionUrl().replace("{function}", name));
        var own = settings.functions().get(name);
        return own == null
                ? new FunctionTarget(name, byConvention, WINDOW, TIMEOUT)
                : new FunctionTarget(name, own.url().orElse(byConvention), own.window(), own.timeout());
    }
}
