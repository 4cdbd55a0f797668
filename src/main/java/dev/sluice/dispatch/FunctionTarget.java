package dev.sluice.dispatch;

import dev.sluice.queue.Task;
import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * Where and how a function is called.
 *
 * @param window attempts in flight at the same time
 * @param timeout of one attempt
 */
record FunctionTarget(String name, URI url, WindowBounds window, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** These end a call after ten minutes by themselves, with an error of the DSL, which must come before ours. */
    private static final Set<String> SELF_LIMITING = Set.of("http", "openapi");

    private static final Duration TIMEOUT_OF_SELF_LIMITING = Duration.ofMinutes(11);

    static FunctionTarget of(String name, DispatchSettings settings) {
        URI byConvention = URI.create(settings.functionUrl().replace("{function}", name));
        var own = settings.functions().get(name);
        Duration timeout = SELF_LIMITING.contains(name) ? TIMEOUT_OF_SELF_LIMITING : TIMEOUT;
        return own == null
                ? new FunctionTarget(name, byConvention, WindowBounds.of(settings.window()), timeout)
                : new FunctionTarget(
                        name,
                        own.url().orElse(byConvention),
                        WindowBounds.of(settings.window(), own.window()),
                        own.timeout().orElse(timeout));
    }

    /** How long this attempt may take. */
    Duration timeoutOf(Task task) {
        boolean shorter = task.limit().isPositive() && task.limit().compareTo(timeout) < 0;
        return shorter ? task.limit() : timeout;
    }
}
