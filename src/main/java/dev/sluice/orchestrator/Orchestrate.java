package dev.sluice.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.queue.Partition;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
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
        int events = orchestrator.drain(partition(wake));
        return CloudEventBuilder.create()
                .id(wake.id() + "-drained")
                .type("dev.sluice.partition.drained.v1")
                .source("/orchestrator")
                .build((JsonNode) json.createObjectNode().put("events", events));
    }

    private Partition partition(CloudEvent<byte[]> wake) {
        try {
            byte[] data = wake.data() == null ? new byte[0] : wake.data();
            return Partition.parse(json.readTree(data).path("partition").asText());
        } catch (IOException | IllegalArgumentException e) {
            throw Problem.of(
                            Code.SL2007,
                            "the data of an 'orchestrate' event must be JSON and name a partition, as"
                                    + " {\"partition\": \"default.local.0\"} does; the dispatcher sends such events")
                    .asException();
        }
    }
}
