package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A run goes on with another revision of its workflow. */
class MoveTest {
    private static final String OLD = "do: [ { a: { call: f } }, { b: { set: { from: old } } } ]";

    private static Transition move(Trial trial, Definition to) {
        return trial.machine.move(trial.definition, to, trial.run, new Event.MoveRequested(to.revision(), T0));
    }

    @Test
    void itGoesOnWithTheStepsOfTheNewOne() {
        var trial = Trial.started(OLD, "{}");
        Definition to = Trial.read(
                "do: [ { a: { call: f } }, { b: { set: { from: new } } }, { c: { set: { last: '${ .from }' } } } ]");
        Transition moved = move(trial, to);
        assertThat(moved.run().revision()).isEqualTo(to.revision());
        assertThat(moved.effects()).isEmpty();
        Run end = trial.machine
                .advance(to, moved.run(), trial.succeeded("/do/0/a", 1, "{}"))
                .run();
        assertThat(((RunState.Succeeded) end.state()).output().tree()).isEqualTo(json("{last: 'new'}"));
    }

    @Test
    void aStepUnderWayThatIsNotThereIsNamed() {
        var trial = Trial.started(OLD, "{}");
        assertThatThrownBy(() -> move(trial, Trial.read("do: [ { x: { call: f } } ]")))
                .hasMessageContaining("SL2021")
                .hasMessageContaining("/do/0/a")
                .hasMessageContaining("has no such step");
    }

    @Test
    void aStepUnderWayThatIsOfAnotherKindThereIsNamed() {
        var trial = Trial.started(OLD, "{}");
        assertThatThrownBy(() -> move(trial, Trial.read("do: [ { a: { wait: PT1S } } ]")))
                .hasMessageContaining("has a step of another kind there");
    }

    @Test
    void aFailedRunIsMovedToWhereItsErrorIsMendedAndRetried() {
        var trial = Trial.started("do: [ { a: { set: '${ .x.y.z }' } } ]", "{x: 1}");
        Definition mended = Trial.read("do: [ { a: { set: '${ .x }' } } ]");
        Run moved = move(trial, mended).run();
        Run end = trial.machine
                .advance(mended, moved, new Event.RetryRequested(T0))
                .run();
        assertThat(((RunState.Succeeded) end.state()).output().tree()).isEqualTo(json("1"));
    }

    @Test
    void aRunThatHasNotBegunCanAlwaysBeMoved() {
        var trial = Trial.of(OLD, "{}");
        assertThat(move(trial, Trial.read("do: [ { x: { wait: PT1S } } ]"))
                        .run()
                        .steps())
                .isEmpty();
    }
}
