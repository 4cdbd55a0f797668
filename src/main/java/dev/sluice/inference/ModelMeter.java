package dev.sluice.inference;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counts exchanges. The {@code gen_ai} names are OpenTelemetry's semantic conventions for generative AI. */
final class ModelMeter {
    private final MeterRegistry registry;

    ModelMeter(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param outcome {@code answered}, {@code cancelled}, or the code of the problem */
    void count(
            Endpoint endpoint, Operation operation, String outcome, Tokens tokens, long costMicros, Duration elapsed) {
        Tags call = Tags.of("endpoint", endpoint.name(), "model", endpoint.model());
        registry.counter("sluice.inference.requests", call.and("outcome", outcome))
                .increment();
        registry.counter("sluice.inference.cost.micros", call).increment(costMicros);
        Tags standard = Tags.of(
                "gen_ai.operation.name",
                operation.word,
                "gen_ai.provider.name",
                endpoint.name(),
                "gen_ai.request.model",
                endpoint.model());
        Timer.builder("gen_ai.client.operation.duration")
                .tags(standard.and("error.type", outcome.equals("answered") ? "" : outcome))
                .register(registry)
                .record(elapsed);
        tokens(standard, "input", tokens.input());
        tokens(standard, "output", tokens.output());
    }

    private void tokens(Tags tags, String type, long tokens) {
        if (tokens == 0) return;
        DistributionSummary.builder("gen_ai.client.token.usage")
                .tags(tags.and("gen_ai.token.type", type))
                .register(registry)
                .record(tokens);
    }
}
