package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code document.metadata.queue}: what a document may say, and what it gives for an input. */
class QueueTermsTest {
    private static final DefinitionReader READER = new DefinitionReader();
    private static final String LIMIT = "{ limits: [ { name: a, key: '${ .k }', max: 3 } ] }";

    private static String document(String queue, String rest) {
        return "document: { dsl: '1.0.1', namespace: n, name: a, version: '1.0.0', metadata: { queue: " + queue
                + " } }\n" + rest + "do: [ { x: { call: f } } ]\n";
    }

    private static Run accept(String queue, String rest, String input, Service.Asked asked) {
        return Machine.accept(
                READER.read(document(queue, rest)), Trial.ID, Trial.json(input), Optional.empty(), asked, Trial.T0);
    }

    private static Service served(String queue, String input) {
        return accept(queue, "", input, Service.Asked.NOTHING).identity().service();
    }

    private static Problem refusal(String queue, String rest, String input) {
        return catchThrowableOfType(ProblemException.class, () -> accept(queue, rest, input, Service.Asked.NOTHING))
                .problem();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            low                     | : must be an object, was "low"
            [ ]                     | : must be an object, was []
            { tennant: '${ .a }' }  | /tennant: 'tennant' is not a member here; did you mean 'tenant'?
            { size: 3 }             | /size: 'size' is not a member here; there are group, limits, partitions, priority, tenant
            { tenant: acme }        | /tenant: must be an expression on the input such as ${ .customer }, was "acme"
            { tenant: 7 }           | /tenant: must be an expression on the input such as ${ .customer }, was 7
            { group: a-b }          | /group: must be 1 to 40 letters, digits or _, was 'a-b'
            { limits: { name: a } } | /limits: must be a list of at most 10 limits
            { limits: [ 5 ] }       | /limits/0: must be an object with the members name, key and max, was 5
            { limits: [ { name: a, key: k, max: 3 } ] } | /limits/0/key: must be an expression on the input such as ${ .customer }, was "k"
            { limits: [ { name: a, kee: '${ .k }', max: 3 } ] } | /limits/0/kee: 'kee' is not a member here; did you mean 'key'?
            { limits: [ { name: a, key: '${ .k }' } ] } | /limits/0/max: is missing; a limit has a name, a key and a max
            { limits: [ { name: a, key: '${ .k }', max: 0 } ] } | /limits/0/max: must be a whole number from 1 to 2147483647, was 0
            { limits: [ { name: a, key: '${ .k }', max: 3 }, { name: a, key: '${ .l }', max: 4 } ] } | /limits/1/name: 'a' is the name of another limit already
            """)
    void aMistakeIsFoundOnceWhereItStands(String queue, String expected) {
        assertThat(READER.check(document(queue, "")).stream()
                        .map(f -> f.pointer() + ": " + f.message())
                        .collect(Collectors.joining("\n")))
                .isEqualTo("/document/metadata/queue" + expected);
    }

    @Test
    void tenantAndKeysComeFromTheTransformedInput() {
        Service service = accept(
                        "{ tenant: '${ .who }', limits: [ { name: box, key: '${ .n }', max: 3 } ] }",
                        "input: { from: .c }\n",
                        "{c: {who: 'acme', n: 7}}",
                        Service.Asked.NOTHING)
                .identity()
                .service();
        assertThat(service.tenant()).isEqualTo("acme");
        assertThat(service.limits()).isEqualTo(List.of(new Service.Limit("n.a/box=7", 3)));
    }

    @ParameterizedTest
    @CsvSource({"{}", "{k: null}", "{k: ''}"})
    void nullAndAnEmptyTextMeanNone(String input) {
        assertThat(served("{ tenant: '${ .k }' }", input).tenant()).isEmpty();
        assertThat(served(LIMIT, input).limits()).isEmpty();
    }

    @Test
    void aTenantThatIsNoneRefusesTheStartNamingTheExpressionAndWhatItGave() {
        Problem problem = refusal("{ tenant: '${ .k }' }", "", "{k: 'a b'}");
        assertThat(problem.code()).isEqualTo("SL3004");
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.detail()).contains("/document/metadata/queue/tenant: '.k' gave \"a b\"", "1 to 64");
        assertThat(refusal("{ tenant: '${ .k }' }", "", "{k: {a: 1}}").detail()).contains("gave {\"a\":1}");
    }

    @Test
    void aKeyThatIsAnObjectOrAListRefusesTheStart() {
        assertThat(refusal(LIMIT, "", "{k: {a: 1}}").detail()).contains("/limits/0/key: '.k' gave {\"a\":1}");
        assertThat(refusal(LIMIT, "", "{k: [ ]}").detail()).contains("/limits/0/key: '.k' gave []");
    }

    @Test
    void anExpressionThatFailsRefusesTheStart() {
        assertThat(refusal("{ tenant: '${ .k }' }", "", "[ ]").detail())
                .contains("/document/metadata/queue/tenant: '.k' failed");
        assertThat(refusal(LIMIT, "", "[ ]").detail()).contains("/limits/0/key: '.k' failed");
        assertThat(refusal(LIMIT, "input: { from: .c.d }\n", "{c: 1}").detail()).contains("/input/from: '.c.d' failed");
    }

    @Test
    void whoNamesTheTenantDoesNotNeedTheExpression() {
        var asked = new Service.Asked(Optional.of("acme"), Optional.empty(), Optional.empty());
        Run run = accept("{ tenant: '${ .k }' }", "", "[ ]", asked);
        assertThat(run.identity().service().tenant()).isEqualTo("acme");
    }

    @Test
    void aRunIsMadeAgainAsItWasServedThoughItsTermsCouldNotBeSettledAnew() {
        Run run = accept(LIMIT, "", "{k: 'a'}", Service.Asked.NOTHING);
        Definition other = READER.read(document(LIMIT.replace(".k", ".k.x"), ""));
        Run again = Machine.acceptedAgain(other, run);
        assertThat(again.identity()).isEqualTo(run.identity().onRevision(other.revision()));
    }
}
