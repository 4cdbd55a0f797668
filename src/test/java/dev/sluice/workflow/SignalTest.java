package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Events that are sent to one run by name: they wait for a step that listens. */
class SignalTest {
    private static final String LATER = """
            do:
              - first: { call: f }
              - hear: { listen: { to: { one: { with: { type: go } } } } }
              - again: { listen: { to: { any: [] } } }
            """;

    private static String go(int data) {
        return "{specversion: '1.0', id: 'i', source: 's', type: 'go', data: " + data + "}";
    }

    @Test
    void aSignalThatComesTooEarlyIsKeptUntilAStepListens() {
        var trial = Trial.started(LATER, "{}").signal(go(1)).signal(go(2));
        assertThat(trial.run.signals()).hasSize(2);
        assertThat(trial.succeed("{}").output()).isEqualTo(json("[2]"));
        assertThat(trial.run.signals()).isEmpty();
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void anEventThatIsNoSignalIsNotKept() {
        assertThat(Trial.started(LATER, "{}").event(go(1)).run.signals()).isEmpty();
    }

    @Test
    void aSignalThatNoFilterTakesStays() {
        var trial =
                Trial.started(LATER, "{}").signal("{specversion: '1.0', id: 'i', source: 's', type: 'other', data: 1}");
        trial.succeed("{}");
        assertThat(trial.leaf()).isEqualTo("/do/1/hear");
        assertThat(trial.signal(go(2)).output()).isEqualTo(json("[1]"));
    }

    @Test
    void aSignalIsTakenByOneStepOnly() {
        var trial = Trial.started("""
                do:
                  - both: { fork: { branches: [ { a: { listen: { to: { any: [] } } } }, { b: { listen: { to: { any: [] } } } } ] } }
                """, "{}").signal(go(1));
        assertThat(trial.leaf()).isEqualTo("/do/0/both/fork/branches/1/b");
        assertThat(trial.signal(go(2)).output()).isEqualTo(json("[[1], [2]]"));
    }

    @Test
    void twoSignalsOfTheSameContentAreTwo() {
        var trial = Trial.started(LATER, "{}").signal(go(1)).signal(go(1)).succeed("{}");
        assertThat(trial.output()).isEqualTo(json("[1]"));
    }

    @Test
    void oneStepTakesAllSignalsThatItWants() {
        var trial = Trial.started("""
                do:
                  - first: { call: f }
                  - hear: { listen: { to: { any: [], until: 'length == 2' } } }
                  - last: { listen: { to: { any: [] } } }
                """, "{}");
        trial.signal(go(1)).signal(go(2)).signal(go(3)).succeed("{}");
        assertThat(trial.output()).isEqualTo(json("[3]"));
    }

    @Test
    void moreSignalsThanAThousandAreNotKept() {
        var trial = Trial.started(LATER, "{}");
        for (int i = 0; i < 1_005; i++) trial.signal(go(i));
        assertThat(trial.run.signals()).hasSize(1_000);
        assertThat(trial.run.signals().getFirst().tree().get("data")).isEqualTo(json("0"));
    }

    @Test
    void aSignalForARunThatHasEndedChangesNothing() {
        var trial = Trial.started("do: [ { a: { set: { b: 1 } } } ]", "{}");
        Run ended = trial.run;
        assertThat(trial.signal(go(1)).run).isSameAs(ended);
    }
}
