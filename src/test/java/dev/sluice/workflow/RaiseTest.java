package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Raise" and "Error". */
class RaiseTest {
    private static Problem raised(String error, String input) {
        return Trial.started("do: [ { boom: { raise: { error: " + error + " } } } ]", input)
                .problem();
    }

    @Test
    void anErrorThatNobodyCatchesFailsTheRunAsItWasRaised() {
        Problem problem = raised(
                "{ type: 'https://shop.example/errors/sold-out', status: 409, title: Sold out, detail: none left }",
                "{}");
        assertThat(problem.toError()).isEqualTo(json("""
                        {type: 'https://shop.example/errors/sold-out', status: 409, title: 'Sold out',
                         detail: 'none left', instance: '/do/0/boom'}"""));
    }

    @Test
    void itsPartsMayBeExpressions() {
        Problem problem =
                raised("{ type: 'https://e', status: 418, title: '${ .t }', detail: '${ .t + \"!\" }' }", "{t: 'Tea'}");
        assertThat(problem.status()).isEqualTo(418);
        assertThat(problem.title()).isEqualTo("Tea");
        assertThat(problem.detail()).isEqualTo("Tea!");
    }

    @Test
    void anErrorOfUseIsRaisedByItsName() {
        var trial = Trial.started("""
                use: { errors: { gone: { type: 'https://e/gone', status: 410, title: Gone } } }
                do: [ { boom: { raise: { error: gone } } } ]
                """, "{}");
        assertThat(trial.problem().type()).isEqualTo("https://e/gone");
        assertThat(trial.problem().status()).isEqualTo(410);
    }

    @Test
    void theInstanceThatTheAuthorWritesIsKept() {
        assertThat(raised("{ type: 'https://e', status: 400, instance: /somewhere }", "{}")
                        .instance())
                .isEqualTo("/somewhere");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://serverlessworkflow.io/errors/types/compliance",
                "https://serverlessworkflow.io/dsl/errors/types/communication",
                "https://serverlessworkflow.io/spec/1.0.0/errors/runtime"
            })
    void aTypeWasRewrittenWhenItLookedLikeOneOfTheStandards(String type) {
        assertThat(raised("{ type: '" + type + "', status: 400 }", "{}").type()).isEqualTo(type);
    }

    @ParameterizedTest
    @EnumSource
    void everyStandardErrorCanBeRaisedAndCaughtHoweverItIsWritten(StandardError error) {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { raise: { error: { type: '%s', status: %d } } } } ]
                      catch: { errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/%s' } } }
                """.formatted(error.type(), error.status(), error.word()), "{}");
        assertThat(trial.output()).isEqualTo(json("{}"));
    }

    @Test
    void anUnlikeTypeOfTheSameHostIsNotCaught() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { raise: { error: { type: 'https://serverlessworkflow.io/errors/types/mine', status: 400 } } } } ]
                      catch: { errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/mine' } } }
                """, "{}");
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void aCaughtErrorCanBeRaisedAgain() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { raise: { error: { type: 'https://e', status: 418, title: Tea } } } } ]
                      catch:
                        do:
                          - again: { raise: { error: { type: '${ $error.type }', status: 418, title: '${ $error.title }', instance: '${ $error.instance }' } } }
                """, "{}");
        assertThat(trial.problem().status()).isEqualTo(418);
        assertThat(trial.problem().instance()).isEqualTo("/do/0/guarded/try/0/x");
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded/catch/do/0/again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "600", "-1"})
    void aStatusThatIsNoneBecomesOne(String status) {
        assertThat(raised("{ type: 'https://e', status: " + status + " }", "{}").status())
                .isBetween(100, 599);
    }
}
