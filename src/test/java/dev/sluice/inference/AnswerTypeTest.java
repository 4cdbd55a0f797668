package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A record becomes a schema, and an answer becomes the record. */
class AnswerTypeTest {
    enum Kind {
        INVOICE,
        CREDIT_NOTE
    }

    record Line(String text, @Description("without tax") BigDecimal amount, int pieces) {
        Line {
            if (pieces < 1) throw new IllegalArgumentException("pieces must be above 0, is " + pieces);
        }
    }

    @Description("an invoice")
    record Invoice(
            @Description("as printed") String number,
            Kind kind,
            LocalDate due,
            Optional<Instant> sent,
            Optional<Kind> corrected,
            Optional<Line> shipping,
            List<Line> lines,
            boolean paid,
            long cents,
            double rate,
            BigInteger id,
            Optional<Integer> pages,
            List<Optional<String>> notes) {}

    private static final AnswerType<Invoice> INVOICE = AnswerType.of(Invoice.class);

    private static final String ANSWER = """
            {"number": "4711", "kind": "INVOICE", "due": "2026-12-24", "sent": "2026-11-30T12:00:00+01:00",
             "corrected": null, "shipping": null, "lines": [{"text": "a", "amount": 1.50, "pieces": 2.0}], "paid": true,
             "cents": 150, "rate": 0.19, "id": 123456789012345678901234567890, "pages": 3, "notes": ["x", null]}
            """;

    private static ObjectNode json(String text) throws JsonProcessingException {
        return (ObjectNode) new ObjectMapper().readTree(text);
    }

    @Test
    void aRecordBecomesAStrictSchema() throws JsonProcessingException {
        JsonNode schema = INVOICE.schema();
        assertThat(AnswerSchema.mistake(schema)).isEmpty();
        assertThat(schema.path("description").asText()).isEqualTo("an invoice");
        assertThat(schema.at("/properties/number"))
                .isEqualTo(json("{\"type\":\"string\",\"description\":\"as printed\"}"));
        assertThat(schema.at("/properties/kind"))
                .isEqualTo(json("{\"type\":\"string\",\"enum\":[\"INVOICE\",\"CREDIT_NOTE\"]}"));
        assertThat(schema.at("/properties/due")).isEqualTo(json("{\"type\":\"string\",\"format\":\"date\"}"));
        assertThat(schema.at("/properties/sent"))
                .isEqualTo(json("{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"));
        assertThat(schema.at("/properties/corrected"))
                .isEqualTo(json("{\"type\":[\"string\",\"null\"],\"enum\":[\"INVOICE\",\"CREDIT_NOTE\",null]}"));
        JsonNode line = schema.at("/properties/lines/items");
        assertThat(line).isEqualTo(json("""
                {"type": "object",
                 "properties": {"text": {"type": "string"},
                                "amount": {"type": "number", "description": "without tax"},
                                "pieces": {"type": "integer"}},
                 "required": ["text", "amount", "pieces"], "additionalProperties": false}"""));
        assertThat(schema.at("/properties/shipping/anyOf/0")).isEqualTo(line);
        assertThat(schema.path("required").size()).isEqualTo(13);
        assertThat(INVOICE.name()).isEqualTo("Invoice");
    }

    @Test
    void anAnswerBecomesTheRecord() throws JsonProcessingException {
        JsonNode answer = json(ANSWER);
        assertThat(AnswerSchema.flaw(INVOICE.schema(), answer)).isEmpty();
        Invoice invoice = INVOICE.read(answer);
        assertThat(invoice.due()).isEqualTo(LocalDate.of(2026, 12, 24));
        assertThat(invoice.sent()).contains(Instant.parse("2026-11-30T11:00:00Z"));
        assertThat(invoice.corrected()).isEmpty();
        assertThat(invoice.lines()).containsExactly(new Line("a", new BigDecimal("1.5"), 2));
        assertThat(invoice.id()).isEqualTo(new BigInteger("123456789012345678901234567890"));
        assertThat(invoice.pages()).contains(3);
        assertThat(invoice.notes()).containsExactly(Optional.of("x"), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "number | 1 | /number must be of type string",
                "number | null | /number must be of type string",
                "kind | \"invoice\" | /kind must be one of [\"INVOICE\",\"CREDIT_NOTE\"]",
                "due | \"24.12.2026\" | /due must be of type string and format date: Text '24.12.2026'",
                "cents | 1.5 | /cents must be of type integer: ",
                "cents | 1e300 | /cents must be of type integer: ",
                "id | 1e999999999 | /id must be of type integer: it is not finite",
                "rate | 1e999 | /rate must be of type number: it is not finite",
                "pages | 3000000000 | /pages must be of type integer: ",
                "lines | [{\"text\":\"a\",\"amount\":1,\"pieces\":0}] | /lines/0 is refused: pieces must be above 0, is 0",
                "lines | [{\"text\":\"a\",\"amount\":\"1\",\"pieces\":1}] | /lines/0/amount must be of type number",
                "lines | {} | /lines must be of type array",
                "shipping | [] | /shipping must be of type object",
            })
    void whatDoesNotFitIsToldWithItsPlace(String member, String value, String message) throws JsonProcessingException {
        ObjectNode answer = json(ANSWER);
        answer.set(member, new ObjectMapper().readTree(value));
        assertThatThrownBy(() -> INVOICE.read(answer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void theOfflineModelAnswersWithSuchARecord() {
        JsonNode filled = new SchemaFill(Document.of(Texts.INVOICE, ""), INVOICE.schema()).value();
        assertThat(AnswerSchema.flaw(INVOICE.schema(), filled)).isEmpty();
    }

    record Tree(String name, List<Tree> children) {}

    record Holder(Optional<Tree> tree) {}

    record Untyped(Map<String, String> members) {}

    record Twice(Optional<Optional<String>> value) {}

    record Page<T>(List<T> items) {}

    record Pages(Page<String> page) {}

    record Raw(@SuppressWarnings("rawtypes") List items) {}

    @Test
    void aRecordThatHoldsItselfIsRefused() {
        assertThatThrownBy(() -> AnswerType.of(Holder.class))
                .hasMessage("Holder.tree: Tree.children: Tree holds itself; a schema must have an end");
    }

    @Test
    void aTypeWithoutASchemaIsRefusedByItsComponent() {
        assertThatThrownBy(() -> AnswerType.of(Untyped.class))
                .hasMessageStartingWith("Untyped.members: the type java.util.Map<java.lang.String, java.lang.String>");
        assertThatThrownBy(() -> AnswerType.of(Twice.class)).hasMessageStartingWith("Twice.value: an Optional of an");
        assertThatThrownBy(() -> AnswerType.of(Pages.class)).hasMessageStartingWith("Pages.page: the type ");
        assertThatThrownBy(() -> AnswerType.of(Raw.class)).hasMessageStartingWith("Raw.items: the type java.util.List");
        assertThatThrownBy(() -> AnswerType.of(Page.class)).hasMessageStartingWith("a generic record");
    }

    record A(B b) {}

    record B(C c) {}

    record C(D d) {}

    record D(E e) {}

    record E(F f) {}

    record F(G g) {}

    record G(H h) {}

    record H(I i) {}

    record I(J j) {}

    record J(K k) {}

    record K(int x) {}

    @Test
    void depthIsBounded() {
        assertThat(AnswerType.of(B.class).schema().toString()).contains("\"x\"");
        assertThatThrownBy(() -> AnswerType.of(A.class)).hasMessageEndingWith("records are deeper than 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "\"x\""})
    void anAnswerThatIsNoObjectIsRefused(String text) throws JsonProcessingException {
        JsonNode answer = new ObjectMapper().readTree(text);
        assertThatThrownBy(() -> INVOICE.read(answer)).hasMessage("/ must be of type object");
    }
}
