package dev.sluice.inference;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;
import java.util.Optional;

/** Where spans of model calls are sent. Without an endpoint none are made, and nothing of OpenTelemetry is loaded. */
@ConfigMapping(prefix = "sluice.inference.telemetry")
public interface TelemetrySettings {
    /**
     * Base URL of an OTLP collector over HTTP, such as {@code http://collector:4318}; {@code /v1/traces} is appended.
     */
    Optional<String> endpoint();

    /** Sent with every export, such as a key of the collector. Never logged. */
    Map<String, String> headers();

    /** {@code service.name} of the spans. */
    @WithDefault("sluice")
    String service();

    /** Share of the traces that begin here and are kept, 0 to 1; one that began elsewhere is kept if it is there. */
    @WithDefault("1.0")
    double sample();

    /** Whether what is asked and answered is part of the span. It may be anybody's personal data. */
    @WithDefault("false")
    boolean content();
}
