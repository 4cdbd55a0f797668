package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Wait" and "Duration". */
class WaitTest {
    private static Trial waiting(String duration) {
        return Trial.started("do: [ { pause: { wait: " + duration + " } } ]", "{n: 90}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PT1M30S | PT1M30S",
                "P1D | PT24H",
                "P2W | PT336H",
                "P1DT2H3M4.5S | PT26H3M4.5S",
                "{ seconds: 10 } | PT10S",
                "{ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 } | PT26H3M4.005S",
                "'${ \"PT\\(.n)S\" }' | PT1M30S"
            })
    void itLastsAsLongAsItIsWritten(String written, Duration duration) {
        assertThat(waiting(written).outside.firstTimer().dueAt()).isEqualTo(T0.plus(duration));
    }

    @Test
    void theInputIsTheOutput() {
        assertThat(waiting("PT1H").elapse().output()).isEqualTo(json("{n: 90}"));
    }

    @Test
    void nothingToWaitForIsNoWait() {
        var trial = waiting("PT0S");
        assertThat(trial.output()).isEqualTo(json("{n: 90}"));
        assertThat(trial.effects).isEmpty();
    }

    @Test
    void aRunThatOnlyWaitsIsWaiting() {
        assertThat(waiting("P1D").run.status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void theTimerOfAnotherTimeChangesNothing() {
        var trial = waiting("PT1H");
        Run before = trial.run;
        trial.take(new Event.TimerElapsed(Event.Timer.WAIT, "/do/0/pause", 0, T0.plusSeconds(10)));
        assertThat(trial.run).isSameAs(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'${ \"soon\" }'", "'${ \"-PT5S\" }'", "'${ null }'", "'${ 5 }'", "'${ [1] }'"})
    void whatIsNoDurationFailsTheStep(String duration) {
        var trial = waiting(duration);
        assertThat(trial.failure().step()).isEqualTo("/do/0/pause");
        assertThat(trial.problem().detail()).contains("is not a duration; write ISO 8601");
    }

    @Test
    void waitsInALoopAreWaitsOfTheirOwn() {
        var trial = Trial.started("do: [ { all: { for: { in: '[1, 2]' }, do: [ { w: { wait: PT1M } } ] } } ]", "{}");
        trial.elapse().elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(120));
        assertThat(trial.run.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void theTimeOfTheWaitIsInTheHistory() {
        HistoryEntry told = waiting("PT1H").history.getLast();
        assertThat(told.kind()).isEqualTo(HistoryEntry.Kind.TIMER_SET);
        assertThat(told.data().tree()).isEqualTo(json("{until: '2026-01-01T01:00:00Z'}"));
    }
}
