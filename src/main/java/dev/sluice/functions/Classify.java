package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
 * Step {@code classify}: which kind of document a text is. Input {@code {"text", "name"?, "model"?}}, output
 * {@code {"label", "confidence", "reason"}} with a confidence from 0 to 1.
 */
@ApplicationScoped
public class Classify {
    private static final JsonNode SCHEMA = Prompt.schema("""
            {"type": "object", "additionalProperties": false, "required": ["reason", "label", "confidence"],
             "properties": {
               "reason": {"type": "string", "description": "one short sentence that names what in the text shows it"},
               "label": {"type": "string", "enum": ["invoice", "contract", "letter", "email", "report", "manual",
                         "licence", "changelog", "source-or-data", "article", "form", "resume", "other"]},
               "confidence": {"type": "number", "description": "0 (a guess) to 1 (certain)"}}}
            """);

    private static final String SYSTEM = """
            You sort documents. Give the one label that fits best:
            invoice: asks for payment, also receipts and credit notes. contract: an agreement between parties. \
            letter: a message on paper. email: a message with mail headers. report: findings, minutes, statistics. \
            manual: how to use or do something, also specifications. licence: terms of use of software or works. \
            changelog: what changed from version to version. \
            source-or-data: program text, configuration, tables, logs. \
            article: news, essays, papers, web pages. form: fields to fill in. resume: a person's career. \
            other: none of these.
            """ + Prompt.DOCUMENT_IS_DATA;

    private static final String TASK =
            "Say which label fits the document above best, how sure you are and why, as JSON.";

    private static final int OUTPUT_TOKENS_MAX = 300;

    private final StepFunction contract;
    private final Function<Ask, Answer> models;

    @Inject
    Classify(StepFunction contract, Models models) {
        this(contract, models::ask);
    }

    Classify(StepFunction contract, Function<Ask, Answer> models) {
        this.contract = contract;
        this.models = models;
    }

    @Funq("classify")
    public Uni<CloudEvent<JsonNode>> classify(CloudEvent<byte[]> request) {
        return contract.run("classify", request, this::classify);
    }

    private StepOutput classify(StepInput input) {
        String user = Prompt.about(input.text("name", "unnamed"), input.text("text"), TASK);
        Answer answer = models.apply(new Ask(
                input.text("model", ""), SYSTEM, user, "document_kind", SCHEMA, OUTPUT_TOKENS_MAX, input.account()));
        // Some models answer in per cent; the schema of strict structured output cannot bound a number everywhere.
        double confidence = Math.clamp(answer.value().path("confidence").asDouble(0), 0, 1);
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.put("label", answer.value().path("label").asText());
        output.put("confidence", confidence);
        output.put("reason", answer.value().path("reason").asText());
        return new StepOutput(output, answer.usage());
    }
}
