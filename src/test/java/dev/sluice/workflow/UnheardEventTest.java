package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** An event that reaches a run by its topic, and that no step takes. */
class UnheardEventTest {
    private static String listen(String condition) {
        return """
                do: [ { x: { listen: { to: { one: { with: { type: go, data: '%s' } } } } } } ]
                """.formatted(condition);
    }

    @Test
    void itLeavesTheRunAsItIsSoThatNothingIsWrittenForIt() {
        var trial = Trial.started(listen("${ .n == 1 }"), "{}");
        Run before = trial.run;
        assertThat(trial.event("{type: 'go', data: {n: 2}}").run).isSameAs(before);
        assertThat(trial.event("{type: 'go', data: {n: 1}}").output().size()).isEqualTo(1);
    }

    @Test
    void aFilterThatFailsOnItStillFailsTheRun() {
        var trial = Trial.started(listen("${ .n | explode }"), "{}");
        trial.event("{type: 'go', data: {n: 2}}");
        assertThat(trial.failure().step()).isEqualTo("/do/0/x");
    }

    @Test
    void aSignalThatNobodyTakesYetIsKept() {
        var trial = Trial.started(listen("${ .n == 1 }"), "{}").signal("{type: 'other'}");
        assertThat(trial.run.signals()).hasSize(1);
    }
}
