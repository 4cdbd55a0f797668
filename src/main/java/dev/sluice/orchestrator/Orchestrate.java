package dev.sluice.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.queue.Partition;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.util.concurrent.ExecutorService;

/**
 * The orchestrator as a function. Event type {@code orchestrate}, data {@code {"partition": "default.local.0"}};
 * answers with {@code dev.sluice.partition.drained.v1} and how many events were taken in. Waking it once too often does
 * nothing.
 */
public class Orchestrate {
    private final Orchestrator orchestrator;
    private final ObjectMapper json;
    private final ExecutorService threads;

    Orchestrate(Orchestrator orchestrator, ObjectMapper json, @VirtualThreads ExecutorService threads) {
        this.orchestrator = orchestrator;
        this.json = json;
        this.threads = threads;
    }

    @Funq("orchestrate")
    public Uni<CloudEvent<JsonNode>> orchestrate(CloudEvent<byte[]> wake) {
        return Uni.createFrom().item(() -> drain(wake)).runSubscriptionOn(threads);
    }

    private CloudEvent<JsonNode> drain(CloudEvent<byte[]> wake) {
        try {
            JsonNode data = json.readTree(wake.data());
            Partition partition = Partition.parse(data.path("partition").asText());
            int events = orchestrator.drain(partition);
            return CloudEventBuilder.create()
                    .id(wake.id() + "-drained")
                    .type("dev.sluice.partition.drained.v1")
                    .source("/orchestrator")
                    .build((JsonNode) json.createObjectNode().put("events", events));
        } catch (IOException e) {
            throw new IllegalArgumentException("the data of an 'orchestrate' event must be JSON", e);
        }
    }
}
