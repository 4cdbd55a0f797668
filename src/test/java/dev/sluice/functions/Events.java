package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Ask;
import dev.sluice.workflow.Usage;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Requests and answers of the step contract, and a model that says what it is told to. */
final class Events {
    private Events() {}

    static final StepFunction CONTRACT = new StepFunction(Executors.newVirtualThreadPerTaskExecutor(), new Attempts());

    static final Usage USAGE = new Usage(120, 30, 45);

    /** @param json data of the request; null for none */
    static CloudEvent<byte[]> request(String json) {
        byte[] data = json == null ? null : json.getBytes(StandardCharsets.UTF_8);
        return CloudEventBuilder.create()
                .id("t-7")
                .source("/runs/r-42")
                .type("any")
                .extensions(Map.of("sluicerun", "r-42", "sluicestep", "/do/0/any", "sluiceattempt", "2"))
                .build(data, "application/json");
    }

    static CloudEvent<JsonNode> answer(Uni<CloudEvent<JsonNode>> uni) {
        return uni.await().indefinitely();
    }

    static JsonNode data(CloudEvent<JsonNode> event) {
        return event.data();
    }

    static JsonNode json(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Function<Ask, Answer> model(String answer) {
        return ask -> new Answer(json(answer), USAGE, "test", "test-model");
    }
}
