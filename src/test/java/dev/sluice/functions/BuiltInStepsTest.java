package dev.sluice.functions;

import static dev.sluice.functions.Events.CONTRACT;
import static dev.sluice.functions.Events.answer;
import static dev.sluice.functions.Events.data;
import static dev.sluice.functions.Events.model;
import static dev.sluice.functions.Events.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Ask;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.quarkus.funqy.knative.events.CloudEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BuiltInStepsTest {
    private static final String FIELDS = """
            {"documentDate": "2026-11-02", "author": null, "organisation": "Example Ltd", "recipient": null,
             "amount": 119.0, "currency": "EUR", "identifier": "2026-17", "emails": [], "urls": []}""";

    private final DocumentReader reader = new DocumentReader();
    private final Payloads noPayloads = new Payloads("http://127.0.0.1:1/v1/payloads");
    private final List<Ask> asked = new ArrayList<>();

    private Function<Ask, Answer> listening(String answer) {
        return ask -> {
            asked.add(ask);
            return model(answer).apply(ask);
        };
    }

    private CloudEvent<JsonNode> extract(String input) {
        return answer(new Extract(CONTRACT, reader, noPayloads, listening(FIELDS)).extract(request(input)));
    }

    @Test
    void extractGivesTheTextTheDocumentAndItsFields() {
        CloudEvent<JsonNode> answer = extract(
                "{\"document\": {\"name\": \"in/bill.txt\", \"text\": \"Total 119 EUR\"}, \"model\": \"fast\"}");
        assertThat(answer.type()).isEqualTo(StepFunction.SUCCEEDED);
        assertThat(answer.extensions()).containsEntry("sluicetokensin", "120");
        assertThat(data(answer)).isEqualTo(Events.json("""
                {"document": {"name": "bill.txt", "mediaType": "text/plain", "title": "", "characters": 13,
                              "truncated": false, "metadata": {}},
                 "text": "Total 119 EUR", "fields": %s}""".formatted(FIELDS)));
        assertThat(asked.getFirst().model()).isEqualTo("fast");
        assertThat(asked.getFirst().user()).contains("Total 119 EUR");
    }

    @Test
    void extractAsksNoModelWhenTheDocumentCannotBeHad() {
        String ref = "sha256-" + "0".repeat(64);
        CloudEvent<JsonNode> answer =
                extract("{\"document\": {\"ref\": \"%s\", \"name\": \"a.pdf\", \"mediaType\": null}}".formatted(ref));
        Problem problem = Problem.fromJson(data(answer));
        assertThat(problem.code()).isEqualTo(Code.SL4007.name());
        assertThat(problem.detail()).contains("'a.pdf'");
        assertThat(asked).isEmpty();
    }

    @Test
    void extractSaysWhatItsInputLacks() {
        assertThat(Problem.fromJson(data(extract("{}"))).detail())
                .contains("expects an object at /document of its input, found nothing");
        assertThat(Problem.fromJson(data(extract("{\"document\": {\"name\": \"a\"}}")))
                        .detail())
                .contains("at /document/ref");
    }

    @Test
    void classifyGivesLabelConfidenceAndReason() {
        String said = "{\"label\": \"invoice\", \"confidence\": 95, \"reason\": \"It asks for payment.\"}";
        CloudEvent<JsonNode> answer =
                answer(new Classify(CONTRACT, listening(said)).classify(request("{\"text\": \"Total 119 EUR\"}")));
        assertThat(data(answer))
                .isEqualTo(Events.json(
                        "{\"label\": \"invoice\", \"confidence\": 1.0, \"reason\": \"It asks for payment.\"}"));
    }

    @Test
    void summarizeGivesSummaryAndKeyPoints() {
        String said = "{\"summary\": \"A bill.\", \"keyPoints\": [\"119 EUR\"]}";
        CloudEvent<JsonNode> answer = answer(new Summarize(CONTRACT, listening(said))
                .summarize(request("{\"text\": \"Total 119 EUR\", \"name\": null}")));
        assertThat(data(answer)).isEqualTo(Events.json(said));
    }

    @Test
    void everyPromptMarksTheDocumentAsData() {
        extract("{\"document\": {\"text\": \"a\"}}");
        answer(new Classify(CONTRACT, listening("{}")).classify(request("{\"text\": \"a\"}")));
        answer(new Summarize(CONTRACT, listening("{}")).summarize(request("{\"text\": \"a\"}")));
        assertThat(asked).hasSize(3).allSatisfy(ask -> {
            assertThat(ask.system()).endsWith(Prompt.DOCUMENT_IS_DATA);
            assertThat(ask.user()).containsPattern("\n</document>\n[^\n]+ JSON[^\n]*\n$");
            assertThat(ask.outputTokensMax()).isPositive();
        });
    }

    @Test
    void everySchemaIsStrict() {
        extract("{\"document\": {\"text\": \"a\"}}");
        answer(new Classify(CONTRACT, listening("{}")).classify(request("{\"text\": \"a\"}")));
        answer(new Summarize(CONTRACT, listening("{}")).summarize(request("{\"text\": \"a\"}")));
        assertThat(asked).hasSize(3).allSatisfy(ask -> {
            JsonNode schema = ask.schema();
            List<String> required = new ArrayList<>();
            schema.path("required").forEach(name -> required.add(name.asText()));
            List<String> properties = new ArrayList<>();
            schema.path("properties").fieldNames().forEachRemaining(properties::add);
            assertThat(required).containsExactlyInAnyOrderElementsOf(properties);
            assertThat(schema.path("additionalProperties").asBoolean(true)).isFalse();
        });
    }

    @Test
    void theFieldsOfTheExampleMatchTheSchema() {
        extract("{\"document\": {\"text\": \"a\"}}");
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(asked.getFirst().schema());
        assertThat(schema.validate(Events.json(FIELDS))).isEmpty();
    }
}
