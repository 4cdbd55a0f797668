package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Account;
import dev.sluice.inference.Embedded;
import dev.sluice.inference.Models;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;

/**
 * Step {@code embed}: vectors of texts. Input {@code {"input": text or [texts], "model"?}}, output {@code {"vectors":
 * [[number, …], …], "model", "endpoint"}} in the order of the texts.
 */
@ApplicationScoped
public class Embed {
    /** 256: their vectors are some 4 MiB of JSON. More are a loop, whose rounds are repeated one by one. */
    private static final int TEXTS_MAX = 256;

    private static final Set<String> MEMBERS = Set.of("input", "model");

    /** Makes vectors. */
    interface Embedding {
        Embedded embed(String model, List<String> texts, Account account);
    }

    private final StepFunction contract;
    private final Embedding models;

    @Inject
    Embed(StepFunction contract, Models models) {
        this(contract, models::embed);
    }

    Embed(StepFunction contract, Embedding models) {
        this.contract = contract;
        this.models = models;
    }

    @Funq("embed")
    public Uni<CloudEvent<JsonNode>> embed(CloudEvent<byte[]> request) {
        return contract.run("embed", request, this::embed);
    }

    private StepOutput embed(StepInput input) {
        input.allow(MEMBERS);
        List<String> texts =
                input.object().path("input").isTextual() ? List.of(input.text("input")) : input.texts("input");
        if (texts.isEmpty() || texts.size() > TEXTS_MAX || texts.stream().anyMatch(String::isBlank)) {
            throw input.refused(
                    "its 'input' must be a text, or an array of 1 to " + TEXTS_MAX + " texts, none of them blank");
        }
        Embedded embedded = models.embed(input.text("model", ""), texts, input.account());
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.set("vectors", embedded.vectors());
        output.put("model", embedded.model()).put("endpoint", embedded.endpoint());
        return new StepOutput(output, embedded.usage());
    }
}
