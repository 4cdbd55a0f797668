package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionReaderTest {
    private static final String STEP = "do: [ { only: { set: { a: 1 } } } ]\n";

    private static Problem refusal(String source) {
        var refused = catchThrowableOfType(ProblemException.class, () -> new DefinitionReader().read(source));
        assertThat(refused).as("refusal of\n" + source).isNotNull();
        return refused.problem();
    }

    private static Problem refusalOf(String rest) {
        return refusal(Trial.document(rest));
    }

    @Test
    void theBuiltInWorkflowReads() throws IOException {
        try (InputStream in = DefinitionReader.class.getResourceAsStream("/workflows/document-analysis.yaml")) {
            var definition = new DefinitionReader().read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(definition.functions()).containsExactly("classify", "extract", "summarize");
            assertThat(definition.triggers()).containsExactly("dev.sluice.document.received.v1");
            assertThat(definition.nodes()).containsKeys("/do", "/do/1/analyze/fork/branches/1/summarize");
        }
    }

    @Test
    void jsonIsReadAsWell() {
        var definition = new DefinitionReader().read("""
                {"document": {"dsl": "1.0.1", "namespace": "n", "name": "j", "version": "0.1.0"},
                 "do": [{"only": {"set": {"a": 1}}}]}""");
        assertThat(definition.name()).isEqualTo("j");
    }

    @Test
    void theRevisionIsTheContentsHash() {
        var reader = new DefinitionReader();
        String source = Trial.document(STEP);
        assertThat(reader.read(source).revision())
                .isEqualTo(reader.read(source).revision())
                .isNotEqualTo(reader.read(source + "# a comment").revision())
                .matches("[0-9a-f]{16}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { run: { shell: { command: ls } } }                                     | /do/0/x
            { run: { container: { image: a } } }                                    | /do/0/x
            { run: { script: { language: js, code: '1' } } }                        | /do/0/x
            { call: grpc, with: { proto: { endpoint: 'f://a' }, service: { name: s, host: h }, method: m } } | /do/0/x
            { call: asyncapi, with: { document: { endpoint: 'https://a.b' }, operation: o, message: {} } } | /do/0/x
            { call: a2a, with: { method: message/send } }                           | /do/0/x
            { call: 'f:1.0.0@elsewhere' }                                           | /do/0/x/call
            { set: { a: 1 }, input: { schema: { resource: { endpoint: 'https://a.b' } } } } | /do/0/x/input/schema/resource
            { do: [ { y: { run: { shell: { command: ls } } } } ] }                  | /do/0/x/do/0/y
            { fork: { branches: [ { y: { run: { shell: { command: ls } } } } ] } }  | /do/0/x/fork/branches/0/y
            """)
    void aStepThatIsNotSupportedYetIsRefusedByItsPointer(String step, String pointer) {
        var problem = refusalOf("do: [ { x: " + step + " } ]");
        assertThat(problem.code()).isEqualTo("SL3002");
        assertThat(problem.detail()).contains(": " + pointer + ": ").containsPattern("not supported|cannot be read");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            input: { schema: { resource: { endpoint: 'https://a.b/c' } } }   | /input/schema/resource
            input: { schema: { format: avro, document: {} } }                | /input/schema/format
            output: { schema: { format: xml, document: {} } }                | /output/schema/format
            """)
    void aMemberOfTheWorkflowThatIsNotSupportedYetIsRefusedByItsPointer(String member, String pointer) {
        var problem = refusalOf(STEP + member);
        assertThat(problem.code()).isEqualTo("SL3002");
        assertThat(problem.detail()).contains(" " + pointer + ": ").contains("not supported yet");
    }

    @Test
    void everythingThatIsNotSupportedIsListedAtOnce() {
        var problem = refusalOf(
                "do: [ { x: { run: { shell: { command: ls } } } }, { y: { call: 'f:1.0.0@else' } } ]\ninput: { schema: { format: avro, document: {} } }");
        assertThat(problem.detail().lines().map(line -> line.split(": ")[1]))
                .containsExactly("/do/0/x", "/do/1/y/call", "/input/schema/format");
    }

    @Test
    void everyBadExpressionIsListedWithItsPointer() {
        var problem = refusalOf("""
                do:
                  - x: { call: f, with: { a: '${ .[ }' }, if: '((' }
                  - y: { set: { a: 1 }, export: { as: '${ nosuch( }' } }
                """);
        assertThat(problem.code()).isEqualTo("SL3001");
        assertThat(problem.detail()).contains("/do/0/x/with/a: ", "/do/0/x/if: ", "/do/1/y/export/as: ");
    }

    @Test
    void everythingThatTheDslsSchemaRejectsIsListedWithItsPointer() {
        var problem = refusal("document: { dsl: 1, name: 'no spaces', namespace: n, version: '1' }\ndo: {}\n");
        assertThat(problem.code()).isEqualTo("SL3001");
        assertThat(problem.detail()).contains("/document/dsl: ", "/document/name: ", "/document/version: ", "/do: ");
    }

    @Test
    void aMemberThatTheDslDoesNotHaveIsRefused() {
        assertThat(refusalOf(STEP + "scheduel: { cron: x }").detail()).contains("/scheduel");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9.0", "2.0.0", "1.1.0"})
    void anotherVersionOfTheDslIsRefused(String version) {
        var problem = refusal(Trial.document(STEP).replace("'1.0.1'", "'" + version + "'"));
        assertThat(problem.code()).isEqualTo("SL3002");
        assertThat(problem.detail()).contains(" /document/dsl: ");
    }

    @Test
    void aSyntaxErrorIsNamedByLineAndColumn() {
        var problem = refusal("document:\n  name: [a\n  b: c\n");
        assertThat(problem.code()).isEqualTo("SL3001");
        assertThat(problem.detail()).matches("(?s)line \\d+, column \\d+: .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "text", "[]", "1", "--- \n..."})
    void whatIsNoObjectIsRefused(String source) {
        assertThat(refusal(source).code()).isEqualTo("SL3001");
    }

    @Test
    void aNameThatStandsTwiceIsRefused() {
        assertThat(refusalOf(STEP + STEP).detail()).contains("line ").contains("do");
    }

    @Test
    void aSecondDocumentInTheFileIsRefused() {
        assertThat(refusalOf(STEP + "---\na: 1\n").detail()).contains("one document");
    }

    @Test
    void aDocumentBeyondTheLimitIsRefused() {
        String source = Trial.document(STEP) + "#".repeat(DefinitionReader.DOCUMENT_BYTES_MAX);
        assertThat(refusal(source).detail()).contains("larger than");
    }

    @Test
    void aStepsNameIsEscapedInItsPointer() {
        var definition = Trial.read("do: [ { 'a/b~c': { set: { a: 1 } } } ]");
        assertThat(definition.nodes()).containsKey("/do/0/a~1b~0c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "'ä'", "'{x}'", "'a%'"})
    void aFunctionsNameThatFitsNoUrlAndNoHeaderIsRefused(String name) {
        var problem = refusalOf("do: [ { x: { call: " + name + " } } ]");
        assertThat(problem.detail()).contains(": /do/0/x/call: ");
    }

    @Test
    void theInputIsCheckedAgainstTheWorkflowsSchemaAndEveryMismatchIsNamed() {
        var definition = Trial.read(STEP + """
                input:
                  schema: { document: { type: object, required: [ a ], properties: { b: { type: string } } } }
                """);
        var refused = catchThrowableOfType(ProblemException.class, () -> definition.checkInput(Trial.json("{b: 1}")));
        assertThat(refused.problem().code()).isEqualTo("SL2011");
        assertThat(refused.problem().detail()).contains("'a'").contains("/b ");
    }

    @Test
    void theTypesOfAllEventsThatStartARunAreKnown() {
        var definition =
                Trial.read(STEP + "schedule: { on: { any: [ { with: { type: a } }, { with: { type: b } } ] } }");
        assertThat(definition.triggers()).isEqualTo(List.of("a", "b"));
    }
}
