package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The DSL reference, "Extension". */
class ExtensionTest {
    private static final String LOG =
            "{ emit: { event: { with: { source: 'https://s', type: %s, data: '${ $task.reference }' } } } }";

    private static String logging(String extend, String steps) {
        return """
                use:
                  extensions:
                    - logging:
                        extend: %s
                        before: [ { log: %s } ]
                        after: [ { log: %s } ]
                do: %s
                """.formatted(extend, LOG.formatted("before"), LOG.formatted("after"), steps);
    }

    private static List<String> log(Trial trial) {
        return trial.effects(Effect.EmitEvent.class).stream()
                .map(e -> e.event().get("type").asText() + " "
                        + e.event().get("data").asText())
                .toList();
    }

    @Test
    void itsStepsRunBeforeAndAfterAndChangeNoData() {
        var trial = Trial.started(
                logging("set", "[ { a: { set: { n: '${ .n + 1 }' } } }, { b: { set: { n: '${ .n + 1 }' } } } ]"),
                "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 3}"));
        assertThat(log(trial)).containsExactly("before /do/0/a", "after /do/0/a", "before /do/1/b", "after /do/1/b");
    }

    @ParameterizedTest
    @CsvSource({"all, 2", "set, 2", "call, 0", "for, 0", "composite, 0", "wait, 0"})
    void itIsForTheKindOfStepThatItNames(String kind, int events) {
        assertThat(log(Trial.started(logging(kind, "[ { a: { set: { n: 1 } } } ]"), "{}")))
                .hasSize(events);
    }

    @Test
    void itIsForStepsAtAnyDepthButNotForItsOwn() {
        var trial = Trial.started(logging("all", "[ { a: { do: [ { b: { set: { n: 1 } } } ] } } ]"), "{}");
        assertThat(log(trial))
                .containsExactly("before /do/0/a", "before /do/0/a/do/0/b", "after /do/0/a/do/0/b", "after /do/0/a");
    }

    @Test
    void exitInBeforeBypassesTheStepWithThatOutput() {
        var trial = Trial.started("""
                use:
                  extensions:
                    - mock:
                        extend: call
                        when: $task.with.endpoint == "https://mocked.example"
                        before: [ { answer: { set: { mocked: true }, then: exit } } ]
                do:
                  - a: { call: http, with: { method: get, endpoint: 'https://mocked.example' } }
                  - b: { set: { got: '${ . }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{got: {mocked: true}}"));
        assertThat(trial.outside.tasks).isEmpty();
    }

    @Test
    void whenSaysWhetherItApplies() {
        String rest = """
                use: { extensions: [ { e: { extend: set, when: '%s', before: [ { x: { set: { a: 1 }, then: exit } } ] } } ] }
                do: [ { only: { set: { n: 1 } } } ]
                """;
        assertThat(Trial.started(rest.formatted(".go"), "{go: true}").output()).isEqualTo(json("{a: 1}"));
        assertThat(Trial.started(rest.formatted(".go"), "{go: false}").output()).isEqualTo(json("{n: 1}"));
        assertThat(Trial.started(rest.formatted("$task.name == \"only\""), "{}").output())
                .isEqualTo(json("{a: 1}"));
    }

    @Test
    void theFirstOfSeveralIsTheOutermost() {
        var trial = Trial.started(
                """
                use:
                  extensions:
                    - one: { extend: all, before: [ { x: %s } ], after: [ { x: %s } ] }
                    - two: { extend: set, before: [ { x: %s } ], after: [ { x: %s } ] }
                do: [ { a: { set: { n: 1 } } } ]
                """.formatted(LOG.formatted("b1"), LOG.formatted("a1"), LOG.formatted("b2"), LOG.formatted("a2")),
                "{}");
        assertThat(log(trial)).containsExactly("b1 /do/0/a", "b2 /do/0/a", "a2 /do/0/a", "a1 /do/0/a");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void aStepThatIsSkippedIsSkippedWithItsExtensions() {
        var trial = Trial.started(logging("all", "[ { a: { if: .no, set: { n: 1 } } } ]"), "{n: 0}");
        assertThat(trial.output()).isEqualTo(json("{n: 0}"));
        assertThat(log(trial)).isEmpty();
    }

    @Test
    void theThenOfTheStepCountsAfterItsExtensions() {
        var trial = Trial.started(
                logging(
                        "set",
                        "[ { a: { set: { n: 1 }, then: c } }, { b: { set: { n: 2 } } }, { c: { set: { n: '${ .n + 10 }' } } } ]"),
                "{}");
        assertThat(trial.output()).isEqualTo(json("{n: 11}"));
        assertThat(log(trial)).hasSize(4);
    }

    @Test
    void endOfAStepEndsTheRunAfterItsExtensions() {
        var trial = Trial.started(
                logging("set", "[ { a: { set: { n: 1 }, then: end } }, { b: { set: { n: 2 } } } ]"), "{}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
        assertThat(log(trial)).containsExactly("before /do/0/a", "after /do/0/a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"b | {n: 2}", "end | {x: 1}", "exit | {x: 1}", "continue | {n: 1}"})
    void whereAnExtendedSwitchLeadsItLeadsAfterItsExtensions(String then, String output) {
        String steps = "[ { s: { switch: [ { c: { when: 'true', then: " + then
                + " } } ] } }, { a: { set: { n: 1 }, then: end } }, { b: { set: { n: 2 } } } ]";
        var trial = Trial.started(logging("switch", steps), "{x: 1}");
        assertThat(trial.output()).isEqualTo(json(output));
        assertThat(log(trial)).containsExactly("before /do/0/s", "after /do/0/s");
    }

    @Test
    void anExtendedStepMayLeadBack() {
        String steps =
                "[ { a: { set: { n: '${ .n + 1 }' } } }, { s: { switch: [ { c: { when: .n < 3, then: a } } ] } } ]";
        assertThat(Trial.started(logging("all", steps), "{n: 0}").output()).isEqualTo(json("{n: 3}"));
    }

    @Test
    void anErrorBeforeAStepIsOneOfThatStep() {
        var trial = Trial.started("""
                use: { extensions: [ { e: { extend: set, before: [ { x: { set: { a: '${ .n.x }' } } } ] } } ] }
                do: [ { only: { set: { n: 1 } } } ]
                """, "{n: 1}");
        assertThat(trial.problem().instance()).isEqualTo("/do/0/only");
    }

    @Test
    void theStepGetsItsInputAndTheNextItsOutputWhateverTheExtensionMade() {
        var trial = Trial.started("""
                use: { extensions: [ { e: { extend: call, before: [ { x: { set: { lost: 1 } } } ], after: [ { y: { set: { lost: 2 } } } ] } } ] }
                do: [ { only: { input: { from: .inner }, call: f, with: { got: '${ . }' }, output: { as: .out } } } ]
                """, "{inner: {n: 1}}");
        assertThat(trial.arguments()).isEqualTo(json("{got: {n: 1}}"));
        assertThat(trial.succeed("{out: 5}").output()).isEqualTo(json("5"));
    }
}
