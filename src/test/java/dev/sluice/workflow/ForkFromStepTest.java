package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A new run that begins where another one once was. */
class ForkFromStepTest {
    private static final Instant LATER = T0.plus(Duration.ofDays(2));

    private static Trial forked(Trial source, String step, String input) {
        Machine.Rewound target = source.machine
                .rewind(source.definition, source.accepted, source.events, step)
                .orElseThrow();
        var request = new Event.ResetRequested(step, Optional.ofNullable(input).map(Trial::value), LATER);
        var trial = new Trial(source.definition, source.machine, source.accepted);
        trial.run = Machine.fork(target, request, "copy");
        trial.events.addAll(source.events.subList(0, target.events()));
        trial.events.add(request);
        target.items().forEach(items -> trial.outside.items.put(items.step(), items.chunks()));
        trial.now = LATER;
        return trial.take(new Event.RearmRequested(LATER));
    }

    private static Trial two() {
        return Trial.started("""
                do:
                  - a: { call: f, export: { as: '${ { a: . } }' } }
                  - b: { call: g, with: { got: '${ . }' } }
                """, "{in: 1}").succeed("1").succeed("2");
    }

    @Test
    void itHasTheDataOfThenAndAnIdentityOfItsOwn() {
        var trial = forked(two(), "/do/1/b", null);
        assertThat(trial.arguments()).isEqualTo(json("{got: 1}"));
        assertThat(trial.context()).isEqualTo(json("{a: 1}"));
        assertThat(trial.run.input().tree()).isEqualTo(json("{in: 1}"));
        assertThat(trial.run.id()).isEqualTo("copy");
        assertThat(trial.run.identity().origin()).isEqualTo(Trial.ID);
        assertThat(trial.run.usage()).isEqualTo(Usage.NONE);
        assertThat(trial.last(Effect.EnqueueTask.class).idempotencyKey()).isEqualTo("copy:/do/1/b#!1");
        assertThat(trial.story()).startsWith("RUN_FORKED");
        assertThat(trial.succeed("3").output()).isEqualTo(json("3"));
    }

    @Test
    void theStepMayGetAnotherInput() {
        assertThat(forked(two(), "/do/1/b", "{changed: true}").arguments()).isEqualTo(json("{got: {changed: true}}"));
    }

    @Test
    void theOtherRunIsLeftAlone() {
        var source = two();
        Run before = source.run;
        String was = before.toString();
        forked(source, "/do/0/a", null).succeed("5").succeed("6");
        assertThat(source.run).isSameAs(before);
        assertThat(before).hasToString(was);
    }

    @Test
    void aForkCanBeForkedAndReset() {
        var copy = forked(two(), "/do/1/b", null).succeed("3");
        assertThat(forked(copy, "/do/1/b#!1", null).succeed("4").output()).isEqualTo(json("4"));
        assertThat(copy.reset("/do/1/b#!1", "{x: 1}").arguments()).isEqualTo(json("{got: {x: 1}}"));
    }

    @Test
    void insideALongLoopTheItemsComeAlong() {
        var source = Trial.started("""
                do: [ { all: { for: { in: '[range(150)]' }, do: [ { x: { if: '$item % 60 == 0', call: f } }, { y: { set: '${ $item }' } } ] } } ]
                """, "{}").succeed("1").succeed("2").succeed("3");
        assertThat(forked(source, "/do/0/all/do/0/x#60", null)
                        .succeed("2")
                        .succeed("3")
                        .output())
                .isEqualTo(json("149"));
    }

    @Test
    void aPromiseToTheOtherRunWasWaitedForInVain() {
        var source = Trial.started("""
                do:
                  - both:
                      fork: { branches: [ { slow: { call: f } }, { b: { do: [ { b1: { call: g } }, { b2: { call: g } } ] } } ] }
                """, "{}");
        String slow = "/do/0/both/fork/branches/0/slow";
        source.take(new Event.StepDeferred(slow, 1, Duration.ZERO, Usage.NONE, T0));
        source.succeed("/do/0/both/fork/branches/1/b/do/0/b1", 1, "1");
        var trial = forked(source, "/do/0/both/fork/branches/1/b/do/1/b2", null);
        assertThat(trial.outside.tasks).containsKey(slow + "#!1 1");
    }

    @Test
    void timersOfThenHadLongRunOut() {
        var source = Trial.started("""
                timeout: { after: PT1H }
                do:
                  - block:
                      timeout: { after: PT30M }
                      fork: { branches: [ { w: { wait: PT10M } }, { s: { call: f, metadata: { scheduleToStart: PT5M, startToClose: PT5M } } }, { b: { do: [ { b1: { call: g } }, { b2: { call: g } } ] } } ] }
                """, "{}");
        String branches = "/do/0/block/fork/branches/";
        source.now = T0.plusSeconds(60);
        source.take(new Event.AttemptStarted(branches + "1/s", 1, source.now));
        source.succeed(branches + "2/b/do/0/b1", 1, "1");
        var trial = forked(source, branches + "2/b/do/1/b2", null);
        assertThat(trial.outside.timers)
                .extracting(t -> t.event().timer() + " "
                        + Duration.between(LATER, t.dueAt()).toMinutes())
                .containsExactlyInAnyOrder("RUN_TIMEOUT 60", "STEP_TIMEOUT 29", "WAIT 9", "START_TIMEOUT 5");
    }

    @Test
    void runsThatTheOtherOneStartedAreStartedAnew() {
        var source = Trial.started("""
                do:
                  - both:
                      fork: { branches: [ { c: { run: { workflow: { namespace: n, name: w, version: '1.0.0' } } } }, { b: { do: [ { b1: { call: g } }, { b2: { call: g } } ] } } ] }
                """, "{}").succeed("/do/0/both/fork/branches/1/b/do/0/b1", 1, "1");
        var trial = forked(source, "/do/0/both/fork/branches/1/b/do/1/b2", null);
        assertThat(trial.effects(Effect.StartRun.class)).hasSize(1);
    }
}
