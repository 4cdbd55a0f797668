package dev.sluice.inference;

import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * The process' {@link ModelSpans}: made at the start, so that a wrong setting is told then; at the end it sends the
 * rest.
 */
@Singleton
// Before the roles start, so that a setting that cannot be used is all that is told.
@Startup(1)
final class Telemetry {
    private final ModelSpans spans;

    @Inject
    Telemetry(TelemetrySettings settings) {
        this.spans = ModelSpans.of(settings);
    }

    @Produces
    @Singleton
    ModelSpans spans() {
        return spans;
    }

    @PreDestroy
    void close() {
        spans.close();
    }
}
