package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Try" and "Catch". */
class TryTest {
    private static final String CALL = "/do/0/guarded/try/0/x";

    private static Trial guarded(String caught, String input) {
        return Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { call: f } } ]
                      catch: %s
                  - last: { set: { got: '${ . }' } }
                """.formatted(caught), input);
    }

    /** A 503 of the type {@code communication}. */
    private static Problem unavailable() {
        return Problem.of(Code.SL4010, "nobody is there");
    }

    @Test
    void withoutAnErrorTheOutputOfTheLastStepIsTheTrys() {
        assertThat(guarded("{ do: [ { never: { call: g } } ] }", "{}")
                        .succeed("1")
                        .output())
                .isEqualTo(json("{got: 1}"));
    }

    @Test
    void anErrorIsCaughtAndHandled() {
        var trial =
                guarded("{ do: [ { told: { set: '${ $error }' } } ] }", "{}").fail(CALL, 1, unavailable());
        assertThat(trial.output().get("got")).isEqualTo(json("""
                        {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication', status: 503,
                         instance: '/do/0/guarded/try/0/x', title: 'Function not reachable',
                         detail: 'nobody is there', code: 'SL4010'}"""));
    }

    @Test
    void theErrorHasTheNameThatTheAuthorGives() {
        var trial = guarded(
                "{ as: err, do: [ { told: { set: { e: '${ $err.status }', error: '${ $error }' } } } ] }", "{}");
        assertThat(trial.fail(CALL, 1, unavailable()).output()).isEqualTo(json("{got: {e: 503, error: null}}"));
    }

    @Test
    void theHandlerBeginsWithTheInputOfTheTry() {
        var trial = guarded("{ do: [ { told: { set: { was: '${ . }' } } } ] }", "{n: 1}")
                .fail(CALL, 1, lasting());
        assertThat(trial.output()).isEqualTo(json("{got: {was: {n: 1}}}"));
    }

    @Test
    void aCaughtErrorWithoutHandlerLeavesTheTryWithItsInput() {
        assertThat(guarded("{}", "{n: 1}").fail(CALL, 1, lasting()).output()).isEqualTo(json("{got: {n: 1}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ status: 503 }",
                "{ type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication' }",
                "{ type: 'https://serverlessworkflow.io.io/dsl/errors/types/communication' }",
                "{ type: 'https://serverlessworkflow.io/dsl/errors/types/communication', status: 503 }",
                "{ instance: '/do/0/guarded/try/0/x' }",
                "{ title: 'Function not reachable' }",
                "{ details: 'nobody is there' }"
            })
    void anErrorThatHasWhatTheFilterNamesIsCaught(String filter) {
        var trial = guarded("{ errors: { with: " + filter + " } }", "{}").fail(CALL, 1, unavailable());
        assertThat(trial.run.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ status: 500 }",
                "{ type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout' }",
                "{ type: 'https://serverlessworkflow.io/spec/1.0.0/errors/communication', status: 404 }",
                "{ instance: '/do/0/guarded' }",
                "{ details: 'nobody' }"
            })
    void anErrorThatLacksOneOfThemGoesOn(String filter) {
        var trial = guarded("{ errors: { with: " + filter + " } }", "{}").fail(CALL, 1, unavailable());
        assertThat(trial.problem().status()).isEqualTo(503);
        assertThat(trial.failure().step()).isEqualTo(CALL);
    }

    @Test
    void whenAndExceptWhenDecideWithTheErrorInView() {
        String when = "{ when: '$error.status == 503', exceptWhen: '.strict' }";
        assertThat(guarded(when, "{strict: false}")
                        .fail(CALL, 1, unavailable())
                        .run
                        .status())
                .isEqualTo(RunStatus.SUCCEEDED);
        assertThat(guarded(when, "{strict: true}")
                        .fail(CALL, 1, unavailable())
                        .run
                        .status())
                .isEqualTo(RunStatus.FAILED);
        assertThat(guarded(when, "{strict: false}").fail(CALL, 1, lasting()).run.status())
                .isEqualTo(RunStatus.FAILED);
    }

    @Test
    void aConditionOfCatchThatFailsIsTheErrorFromThereOn() {
        var trial = guarded("{ when: '.n.x' }", "{n: 1}").fail(CALL, 1, unavailable());
        assertThat(trial.problem().detail()).startsWith("/do/0/guarded/catch/when:");
        assertThat(trial.problem().type()).isEqualTo(StandardError.EXPRESSION.type());
    }

    @Test
    void aConditionOfCatchThatFailsIsCaughtByTheTryAround() {
        var trial = Trial.started("""
                do:
                  - outer:
                      try:
                        - inner:
                            try: [ { x: { call: f } } ]
                            catch: { when: '.n.x' }
                      catch: { do: [ { told: { set: '${ $error.instance }' } } ] }
                """, "{n: 1}");
        trial.fail(trial.leaf(), 1, lasting());
        assertThat(trial.output()).isEqualTo(json("'/do/0/outer/try/0/inner'"));
    }

    @Test
    void theInnermostTryThatCatchesItTakesTheError() {
        var trial = Trial.started("""
                do:
                  - outer:
                      try:
                        - middle:
                            try:
                              - inner: { try: [ { x: { call: f } } ], catch: { errors: { with: { status: 500 } } } }
                            catch: { do: [ { m: { set: middle } } ] }
                      catch: { do: [ { o: { set: outer } } ] }
                """.replace("set: middle", "set: { by: middle }"), "{}");
        trial.fail(trial.leaf(), 1, unavailable());
        assertThat(trial.output()).isEqualTo(json("{by: 'middle'}"));
    }

    @Test
    void anErrorInAHandlerIsNotCaughtByItsOwnTryButByTheOneAround() {
        var trial = Trial.started("""
                do:
                  - outer:
                      try:
                        - inner:
                            try: [ { x: { call: f } } ]
                            catch: { do: [ { y: { call: g } } ] }
                      catch: { as: later, do: [ { told: { set: '${ [$later.instance, $error] }' } } ] }
                """, "{}");
        trial.fail(trial.leaf(), 1, unavailable()).fail(trial.leaf(), 1, lasting());
        assertThat(trial.output()).isEqualTo(json("['/do/0/outer/try/0/inner/catch/do/0/y', null]"));
    }

    @Test
    void anErrorInAHandlerFailsTheRunWhenNobodyElseCatchesIt() {
        var trial = guarded("{ do: [ { y: { call: g } } ] }", "{}").fail(CALL, 1, unavailable());
        trial.fail("/do/0/guarded/catch/do/0/y", 1, lasting());
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded/catch/do/0/y");
    }

    @Test
    void allStepsInsideAreGivenUpWhenOneOfThemFails() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try:
                        - all:
                            fork:
                              branches:
                                - a: { call: f }
                                - b: { wait: PT1H }
                                - c: { listen: { to: { any: [] } } }
                                - d: { run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }
                                - e: { for: { in: '[range(300)]' }, do: [ { x: { call: g } } ] }
                      catch: { do: [ { told: { call: h } } ] }
                """.replace("wait: PT1H", "wait: PT1H"), "{}");
        trial.fail("/do/0/guarded/try/0/all/fork/branches/0/a", 1, lasting());
        assertThat(trial.outside.wakers()).containsExactly("task /do/0/guarded/catch/do/0/told 1");
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void thatBothTheErrorAndWhatCaughtItAreTold() {
        var trial = guarded("{ do: [ { told: { set: { a: 1 } } } ] }", "{}").fail(CALL, 1, lasting());
        assertThat(trial.story())
                .containsSubsequence(
                        "STEP_FAILED " + CALL, "ERROR_CAUGHT /do/0/guarded", "STEP_SUCCEEDED /do/0/guarded");
    }

    @Test
    void anExpressionThatFailsInsideIsCaughtToo() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { set: { a: '${ .n.x }' } } } ]
                      catch:
                        errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/expression', status: 400 } }
                        do: [ { told: { set: '${ $error.instance }' } } ]
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("'/do/0/guarded/try/0/x'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ if: .n.x, set: { a: 1 } }",
                "{ input: { from: .n.x }, set: { a: 1 } }",
                "{ set: { a: 1 }, output: { as: .a.b } }",
                "{ set: { a: 1 }, export: { as: .a.b } }",
                "{ do: [ { y: { set: { a: 1 } } } ], output: { as: .a.b } }",
                "{ fork: { branches: [ { y: { set: { a: 1 } } }, { z: { set: { a: 1 } } } ] }, output: { as: .a.b } }",
                "{ wait: '${ .n }' }",
                "{ set: { a: 1 }, timeout: { after: '${ .n.x }' } }",
                "{ emit: { event: { with: { type: t, source: '${ .n.x }' } } } }",
                "{ listen: { to: { one: { with: { type: t }, correlate: { c: { from: .id, expect: '${ .n.x }' } } } } } }",
                "{ call: f, with: { a: '${ .n.x }' } }",
                "{ run: { workflow: { namespace: n, name: w, version: '1.0.0', input: { a: '${ .n.x }' } } } }",
                "{ raise: { error: { type: 'https://e', status: 500, title: '${ .n.x }' } } }"
            })
    void whateverExpressionFailsIsAnErrorOfItsStepThatCanBeCaught(String step) {
        String rest = "do: [ { guarded: { try: [ { x: " + step
                + " } ], catch: { do: [ { told: { set: '${ [$error.instance, $error.status] }' } } ] } } } ]";
        var trial = Trial.started(rest, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("['/do/0/guarded/try/0/x', 400]"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aTryInALoopHandlesEachRoundByItself() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2, 3]' }
                      do:
                        - guarded:
                            try: [ { x: { if: $item == 2, raise: { error: { type: 'https://e', status: 500 } } } } ]
                            catch: { do: [ { told: { set: '${ . + [$item] }' } } ] }
                """, "[]");
        assertThat(trial.output()).isEqualTo(json("[2]"));
    }

    @Test
    void theOutputOfATryIsShapedWhetherItWasHandledOrNot() {
        String rest = """
                do:
                  - guarded:
                      try: [ { x: { if: .bad, raise: { error: { type: 'https://e', status: 500 } } } } ]
                      catch: { do: [ { told: { set: { handled: true } } } ] }
                      output: { as: '${ { out: . } }' }
                """;
        assertThat(Trial.started(rest, "{bad: true}").output()).isEqualTo(json("{out: {handled: true}}"));
        assertThat(Trial.started(rest, "{bad: null}").output()).isEqualTo(json("{out: {bad: null}}"));
    }

    @Test
    void anOutputOfATryThatFailsIsNotCaughtByItself() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { set: { a: 1 } } } ]
                      catch: { do: [ { never: { set: { b: 1 } } } ] }
                      output: { as: .a.b }
                """, "{}");
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded");
    }
}
