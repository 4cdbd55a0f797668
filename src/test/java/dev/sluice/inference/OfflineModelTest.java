package dev.sluice.inference;

import static dev.sluice.inference.Texts.CONTRACT;
import static dev.sluice.inference.Texts.EMAIL;
import static dev.sluice.inference.Texts.INVOICE;
import static dev.sluice.inference.Texts.LETTER;
import static dev.sluice.inference.Texts.document;
import static dev.sluice.inference.Texts.json;
import static dev.sluice.inference.Texts.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.OfflineModel.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfflineModelTest {
    private static final JsonNode CLASSIFICATION = json("""
            {'type': 'object', 'additionalProperties': false,
              'required': ['label', 'confidence', 'reason'], 'properties': {
              'label': {'type': 'string', 'enum': ['invoice', 'contract', 'letter', 'email', 'report', 'manual',
                'other']},
              'confidence': {'type': 'number', 'minimum': 0, 'maximum': 1}, 'reason': {'type': 'string'}}}""");

    private static JsonNode ask(String text, JsonNode schema) {
        Reply reply = OfflineModel.complete(request(document("document.txt", text), schema));
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
        return JsonRepair.value(reply.body().at("/choices/0/message/content").asText())
                .orElseThrow();
    }

    private static JsonNode property(String text, String name, String schema) {
        String object =
                "{'type': 'object', 'required': ['" + name + "'], 'properties': {'" + name + "': " + schema + "}}";
        return ask(text, json(object)).get(name);
    }

    private static String text(String name) {
        return switch (name) {
            case "invoice" -> INVOICE;
            case "letter" -> LETTER;
            case "contract" -> CONTRACT;
            case "email" -> EMAIL;
            default -> "Lorem ipsum dolor sit amet.";
        };
    }

    @ParameterizedTest
    @CsvSource({"invoice", "letter", "contract", "email"})
    void aDocumentGetsTheLabelItsWordsPointTo(String label) {
        JsonNode answer = ask(text(label), CLASSIFICATION);
        assertThat(answer.get("label").asText()).isEqualTo(label);
        assertThat(answer.get("confidence").asDouble()).isBetween(0.6, 1.0);
        assertThat(answer.get("reason").asText()).contains("points to");
    }

    @Test
    void aLineOfTenThousandCellsOverflowedTheStack() {
        assertThat(ask("a,".repeat(10_000), CLASSIFICATION).get("label").asText())
                .isNotEmpty();
    }

    @Test
    void aTextThatPointsNowhereIsOtherWithLittleConfidence() {
        JsonNode answer = ask(text("nothing"), CLASSIFICATION);
        assertThat(answer.get("label").asText()).isEqualTo("other");
        assertThat(answer.get("confidence").asDouble()).isLessThan(0.5);
    }

    @Test
    void theNumberThatADocumentGivesItselfIsItsIdentifier() {
        String schema = "{'type': ['string', 'null']}";
        assertThat(property("INVOICE No. 4711\nTotal: 5 EUR", "identifier", schema)
                        .asText())
                .isEqualTo("4711");
        assertThat(property("There is no 1 to ask.", "identifier", schema).isNull())
                .isTrue();
    }

    @Test
    void anUnknownLabelIsMatchedByItsOwnWords() {
        JsonNode label =
                property("The gate valve leaks at the flange.", "label", "{'enum': ['fire drill', 'gate valve']}");
        assertThat(label.asText()).isEqualTo("gate valve");
    }

    @ParameterizedTest
    @CsvSource({
        "invoice, invoiceNumber, INV-2026-0042",
        "invoice, invoice_date, 2026-03-12",
        "invoice, due_date, 2026-04-11",
        "invoice, currency, EUR",
        "invoice, seller, Acme Pumps Ltd",
        "invoice, customer, Sluice Works GmbH",
        "invoice, iban, GB29 NWBK 6016 1331 9268 19",
        "invoice, email, billing@acme-pumps.example",
        "contract, effectiveDate, null",
        "contract, title, SERVICE AGREEMENT",
        "letter, author, John Smith",
        "email, sender, Jane Roe",
        "email, subject, Export fails since the update",
        "email, url, https://status.example.org/incidents/42",
        "email, language, en",
        "letter, invoiceNumber, null",
        "letter, passportColour, null"
    })
    void aFieldIsFoundByWhatItsNameAsksForAndNullWhenTheTextDoesNotSay(String document, String name, String expected) {
        assertThat(property(text(document), name, "{'type': ['string', 'null']}")
                        .asText())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"total, 1071", "vatAmount, 171", "subtotal, 900", "totalCents, 107100"})
    void anAmountIsTakenFromTheLineThatNamesIt(String name, double expected) {
        assertThat(property(INVOICE, name, "{'type': ['number', 'null']}").asDouble())
                .isEqualTo(expected);
    }

    @Test
    void theSummaryOfALetterConsistsOfItsOwnSentences() {
        String summary = property(LETTER, "summary", "{'type': 'string'}").asText();
        assertThat(summary).hasSizeBetween(40, 600);
        for (String sentence : summary.split("(?<=\\.) ")) {
            assertThat(LETTER.replaceAll("\\s+", " ")).contains(sentence);
        }
    }

    @Test
    void keyPointsAreSeveralSentencesWithinTheBoundOfTheArray() {
        JsonNode points =
                property(CONTRACT, "keyPoints", "{'type': 'array', 'items': {'type': 'string'}, 'maxItems': 3}");
        assertThat(points).hasSize(3).allMatch(point -> point.asText().length() > 20);
    }

    @Test
    void aSummaryKeepsTheLengthThatTheSchemaAllows() {
        String summary = property(CONTRACT, "summary", "{'type': 'string', 'maxLength': 40}")
                .asText();
        assertThat(summary).hasSizeLessThanOrEqualTo(40).endsWith("…");
    }

    @Test
    void withoutASchemaTheAnswerIsASummaryInPlainText() {
        Reply reply = OfflineModel.complete(request(LETTER, null));
        assertThat(reply.body().at("/choices/0/message/content").asText()).contains("pumps");
    }

    @Test
    void onlyWhatStandsBetweenTheDocumentsMarksIsRead() {
        String prompt =
                "The invoice total due is EUR 5.\n<document name=\"a\">\nDear Sir, yours sincerely\n</document>";
        Reply reply = OfflineModel.complete(request(prompt, CLASSIFICATION));
        assertThat(reply.body().at("/choices/0/message/content").asText()).contains("\"letter\"");
    }

    @Test
    void usageIsAboutAFourthOfTheCharacters() {
        ObjectNode body = OfflineModel.complete(request("x".repeat(400), null)).body();
        assertThat(body.at("/usage/prompt_tokens").asInt()).isBetween(100, 102);
        assertThat(body.at("/usage/total_tokens").asInt())
                .isEqualTo(body.at("/usage/prompt_tokens").asInt()
                        + body.at("/usage/completion_tokens").asInt());
    }

    @Test
    void anAnswerBeyondItsTokenLimitIsCutAndSaysSo() {
        ObjectNode request = request(document("a", CONTRACT), CLASSIFICATION).put("max_tokens", 5);
        ObjectNode body = OfflineModel.complete(request).body();
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "[];the request must be a JSON object",
                "{};\"messages\" must be an array",
                "{'messages': []};must hold a message of role",
                "{'messages': [{'role': 'user', 'content': ''}]};must hold a message of role",
                "{'messages': [{'role': 'user', 'content': 'a'}], 'stream': true};\"stream\" is not supported",
                "{'messages': [{'role': 'user', 'content': 'a'}], 'max_tokens': 0};must be above 0",
                "{'messages': [{'role': 'user', 'content': 'a'}], 'response_format': {'type': 'x'}};json_schema"
            },
            quoteCharacter = '`')
    void aMalformedRequestIsRefusedInOpenAisErrorForm(String request, String message) {
        Reply reply = OfflineModel.complete(json(request));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body().at("/error/message").asText()).contains(message);
        assertThat(reply.body().at("/error/type").asText()).isEqualTo("invalid_request_error");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'type': 'object', 'patternProperties': {}};patternProperties",
                "{'$ref': 'https://example.org/schema'};https://example.org/schema",
                "{'$ref': '#/$defs/none'};leads nowhere",
                "{'type': 'string', 'pattern': '^zzz[0-9]{9}$'};must match",
                "{'type': 'number', 'minimum': 5, 'maximum': 4};cannot make a value",
                "{'type': 'string', 'pattern': '['};not valid",
                "{'type': 'object', 'required': ['a'], 'properties': {'a': {'$ref': '#'}}};deeper than"
            },
            quoteCharacter = '`')
    void aSchemaThatCannotBeFilledIsRefusedAndSaysWhy(String schema, String message) {
        Reply reply = OfflineModel.complete(request("Some text.", json(schema)));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body().at("/error/message").asText()).contains(message);
    }

    @Test
    void theSameRequestBringsTheSameResponse() {
        ObjectNode request = request(document("a", CONTRACT), CLASSIFICATION);
        assertThat(OfflineModel.complete(request)).isEqualTo(OfflineModel.complete(request.deepCopy()));
    }

    @Test
    void optionalPropertiesOfARecursiveSchemaEnd() {
        JsonNode schema =
                json("{'type': 'object', 'properties': {'summary': {'type': 'string'}, 'child': {'$ref': '#'}}}");
        assertThat(ask(LETTER, schema).get("summary").asText()).isNotEmpty();
    }
}
