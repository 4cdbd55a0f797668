package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Ask;
import dev.sluice.inference.Models;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.Function;

/**
 * Step {@code summarize}: what a text says, in short. Input {@code {"text", "name"?, "model"?}}, output
 * {@code {"summary", "keyPoints"}}.
 */
@ApplicationScoped
public class Summarize {
    private static final JsonNode SCHEMA = Prompt.schema("""
            {"type": "object", "additionalProperties": false, "required": ["summary", "keyPoints"],
             "properties": {
               "summary": {"type": "string", "description": "two to five sentences"},
               "keyPoints": {"type": "array", "items": {"type": "string"}, "description": "up to seven short points"}}}
            """);

    private static final String SYSTEM = """
            You summarize a document for somebody who has to decide whether to read it. Say what it is, what it says \
            and what follows from it, in the document's own language. Name figures, dates and names exactly as they \
            stand there; add nothing that is not in it.
            """ + Prompt.DOCUMENT_IS_DATA;

    private static final String TASK = "Write a short summary of the document above and its key points, as JSON.";

    private static final int OUTPUT_TOKENS_MAX = 1_000;

    private final StepFunction contract;
    private final Function<Ask, Answer> models;

    @Inject
    Summarize(StepFunction contract, Models models) {
        this(contract, models::ask);
    }

    Summarize(StepFunction contract, Function<Ask, Answer> models) {
        this.contract = contract;
        this.models = models;
    }

    @Funq("summarize")
    public Uni<CloudEvent<JsonNode>> summarize(CloudEvent<byte[]> request) {
        return contract.run("summarize", request, this::summarize);
    }

    private StepOutput summarize(StepInput input) {
        String user = Prompt.about(input.text("name", "unnamed"), input.text("text"), TASK);
        Answer answer = models.apply(new Ask(
                input.text("model", ""), SYSTEM, user, "document_summary", SCHEMA, OUTPUT_TOKENS_MAX, input.account()));
        return new StepOutput(answer.value(), answer.usage());
    }
}
