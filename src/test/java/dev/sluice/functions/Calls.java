package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Problem;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions {@code http} and {@code openapi} as the process puts them together, with a clock that a test moves. */
final class Calls {
    static final String COMMUNICATION = "https://serverlessworkflow.io/spec/1.0.0/errors/communication";

    /** Starts at noon. */
    static final class MovedClock extends Clock {
        private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");

        void forward(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    final MovedClock clock = new MovedClock();
    final DeniedHosts hosts;
    final ApiDocuments documents;
    private final HttpCall http;
    private final OpenApiCall openApi;

    Calls() {
        this(List.of(), Optional.empty());
    }

    Calls(List<String> deniedHosts, Optional<Path> resources) {
        this(new DeniedHosts(deniedHosts, List.of(), false, InetAddress::getAllByName), resources);
    }

    Calls(DeniedHosts deniedHosts, Optional<Path> resources) {
        hosts = deniedHosts;
        var wire = new Wire(deniedHosts);
        var caller = new Caller(wire, new Tokens(wire, clock), clock);
        http = new HttpCall(Events.CONTRACT, caller);
        documents = new ApiDocuments(caller, resources, clock);
        openApi = new OpenApiCall(Events.CONTRACT, caller, documents);
    }

    /** @param input JSON, in which {@code '} stands for {@code "} */
    private static CloudEvent<byte[]> request(String input) {
        return CloudEventBuilder.create()
                .id("r-42|/do/0/call|1")
                .source("/runs/r-42")
                .type("any")
                .extensions(Map.of(
                        "idempotencykey", "r-42:/do/0/call",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
                .build(input.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "application/json");
    }

    JsonNode http(String input) {
        return output(Events.answer(http.http(request(input))));
    }

    Problem httpFailure(String input) {
        return failure(Events.answer(http.http(request(input))));
    }

    JsonNode openApi(String input) {
        return output(Events.answer(openApi.openapi(request(input))));
    }

    Problem openApiFailure(String input) {
        return failure(Events.answer(openApi.openapi(request(input))));
    }

    private static JsonNode output(CloudEvent<JsonNode> answer) {
        assertThat(answer.type()).as(String.valueOf(answer.data())).isEqualTo(StepFunction.SUCCEEDED);
        return answer.data();
    }

    private static Problem failure(CloudEvent<JsonNode> answer) {
        assertThat(answer.type()).as(String.valueOf(answer.data())).isEqualTo(StepFunction.FAILED);
        return Problem.fromJson(answer.data());
    }

    static JsonNode json(String text) {
        return Events.json(text.replace('\'', '"'));
    }
}
