package dev.sluice.dispatch;

import dev.sluice.queue.Task;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Where and how a function is called.
 *
 * @param window attempts in flight at the same time
 * @param timeout of one attempt
 */
record FunctionTarget(String name, Address address, WindowBounds window, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** These end a call after ten minutes by themselves, with an error of the DSL, which must come before ours. */
    private static final Set<String> SELF_LIMITING = Set.of("http", "openapi");

    private static final Duration TIMEOUT_OF_SELF_LIMITING = Duration.ofMinutes(11);

    /** Over HTTP/1.1. */
    FunctionTarget(String name, URI url, WindowBounds window, Duration timeout) {
        this(name, new Address.Endpoint(name, url, Address.Protocol.HTTP_1_1, window.max()), window, timeout);
    }

    /**
     * Looks at all settings, so that what cannot work is found at the start.
     *
     * @throws ProblemException SL1015 for a window, SL1016 for an address, SL1017 for a version of HTTP
     */
    static void check(DispatchSettings settings) {
        of("f", settings);
        settings.functions().keySet().forEach(name -> of(name, settings));
    }

    /** @throws ProblemException as {@link #check} */
    static FunctionTarget of(String name, DispatchSettings settings) {
        var own = Optional.ofNullable(settings.functions().get(name));
        WindowBounds window = own.map(o -> WindowBounds.of(settings.window(), o.window()))
                .orElseGet(() -> WindowBounds.of(settings.window()));
        Address.Protocol http = protocol(
                name, own.flatMap(DispatchSettings.FunctionSettings::http).orElseGet(settings::http));
        Duration timeout = SELF_LIMITING.contains(name) ? TIMEOUT_OF_SELF_LIMITING : TIMEOUT;
        return new FunctionTarget(
                name,
                url(name, settings, own)
                        .<Address>map(url -> new Address.Endpoint(name, url, http, window.max()))
                        .orElseGet(() -> nowhere(name, settings)),
                window,
                own.flatMap(DispatchSettings.FunctionSettings::timeout).orElse(timeout));
    }

    private static Optional<URI> url(
            String name, DispatchSettings settings, Optional<DispatchSettings.FunctionSettings> own) {
        var byConvention = new Addresses(settings.functionUrl(), settings.namespace());
        Optional<URI> url = own.flatMap(DispatchSettings.FunctionSettings::url);
        url.ifPresent(u -> Addresses.checked("sluice.dispatch.functions." + name + ".url", u.toString()));
        return url.or(() -> byConvention.of(name));
    }

    private static Address.Nowhere nowhere(String name, DispatchSettings settings) {
        return new Address.Nowhere(Problem.of(
                        Code.SL4010,
                        "'" + name + "' cannot be part of a host name, so there is no function at "
                                + settings.functionUrl() + ". Correct 'call', or give the function's address by "
                                + "sluice.dispatch.functions.\"" + name + "\".url and retry the run.")
                .status(404));
    }

    private static Address.Protocol protocol(String name, String http) {
        return switch (http) {
            case "1.1" -> Address.Protocol.HTTP_1_1;
            case "h2c" -> Address.Protocol.H2C;
            default ->
                throw Problem.of(
                                Code.SL1017,
                                "function '" + name + "' cannot be asked over '" + http + "'; 1.1 and h2c are known")
                        .asException();
        };
    }

    /** How long this attempt may take. */
    Duration timeoutOf(Task task) {
        boolean shorter = task.limit().isPositive() && task.limit().compareTo(timeout) < 0;
        return shorter ? task.limit() : timeout;
    }
}
