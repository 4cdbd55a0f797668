package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code metadata.budget} of a document and of a call: what it may say, and what tasks are told of it. */
class BudgetTest {
    private static final DefinitionReader READER = new DefinitionReader();

    private static String document(String budget, String step) {
        return "document: { dsl: '1.0.1', namespace: n, name: a, version: '1.0.0', metadata: { budget: " + budget
                + " } }\ndo: [ { x: { call: f, metadata: " + step + " } } ]\n";
    }

    private static String findings(String budget, String step) {
        return READER.check(document(budget, step)).stream()
                .map(f -> f.pointer() + ": " + f.message())
                .collect(Collectors.joining("\n"));
    }

    private static String told(String budget, String step) {
        var trial = Trial.of(READER.read(document(budget, step)), Trial.machine(), "{}")
                .start();
        return trial.last(Effect.EnqueueTask.class).budget().toJson().toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { run: 0.05, step: 0.01, day: 20 }       | {"run":50000,"step":10000,"day":20000000}
            { run: '0.05', day: '20' }               | {"run":50000,"day":20000000}
            { step: 0.000001 }                       | {"step":1}
            { step: '1.500000000' }                  | {"step":1500000}
            { day: 1.0e+9 }                          | {"day":1000000000000000}
            { }                                      | {}
            """)
    void dollarsAreToldInMicroDollars(String budget, String expected) {
        assertThat(told(budget, "{}")).isEqualTo(expected);
    }

    @Test
    void aCallMayHaveABudgetInPlaceOfThatOfEachStep() {
        assertThat(told("{ run: 0.05, step: 0.01 }", "{ budget: 0.002 }")).isEqualTo("{\"run\":50000,\"step\":2000}");
        assertThat(told("{}", "{ budget: '0.002' }")).isEqualTo("{\"step\":2000}");
    }

    @Test
    void everyAttemptIsToldTheSame() {
        var trial = Trial.of(READER.read(document("{ run: 1 }", "{}")), Trial.machine(), "{}")
                .start();
        trial.fail("/do/0/x", 1, Trial.passing()).elapse();
        assertThat(trial.effects(Effect.EnqueueTask.class))
                .extracting(task -> task.budget().toJson().toString())
                .containsExactly("{\"run\":1000000}", "{\"run\":1000000}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            5                      | : must be an object with the members run, step and day, was 5
            [ ]                    | : must be an object with the members run, step and day, was []
            { runs: 1 }            | /runs: 'runs' is not a member here; did you mean 'run'?
            { month: 1 }           | /month: 'month' is not a member here; there are day, run, step
            { run: 0 }             | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was 0
            { run: -1 }            | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was -1
            { run: 0.0000001 }     | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was 1.0E-7
            { run: 1.0e+300 }      | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was 1.0E300
            { run: '$5' }          | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was "$5"
            { run: '${ .n }' }     | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was "${ .n }"
            { run: true }          | /run: must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was true
            """)
    void aMistakeIsFoundOnceWhereItStands(String budget, String expected) {
        assertThat(findings(budget, "{}")).isEqualTo("/document/metadata/budget" + expected);
    }

    @Test
    void aMistakeInTheBudgetOfACallIsFoundThere() {
        assertThat(findings("{}", "{ budget: none }"))
                .startsWith("/do/0/x/metadata/budget: must be US dollars above 0");
    }
}
