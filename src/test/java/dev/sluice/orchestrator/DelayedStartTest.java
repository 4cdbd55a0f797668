package dev.sluice.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Keys;
import dev.sluice.queue.RunId;
import dev.sluice.store.Admission;
import dev.sluice.store.Invariant;
import dev.sluice.store.Provers;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Service;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Runs that begin later than they are accepted. */
class DelayedStartTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Rig rig = new Rig();
    private final Definition workflow = rig.deploy("w", "do: [ { x: { set: { a: 1 } } } ]");
    private final Invariant invariant =
            Provers.invariant(rig.store, rig.definitions, rig.clock, new SimpleMeterRegistry(), "repair");
    private final Instant due = rig.clock.instant().plus(HOUR);
    private final String run = startLater();

    private String startLater() {
        var asked = Service.Asked.NOTHING.at(Optional.of(due));
        var request = new Admission.Request(workflow, RealStore.json("{}"), Optional.empty(), asked, Optional.empty());
        return rig.store.admission(rig.clock).start(request).idOrThrow();
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            invariant.step();
            rig.clock.advance(Duration.ofSeconds(11));
        }
    }

    @Test
    void itBeginsAtItsTimeAndNotBefore() {
        rig.advance(HOUR.minusMillis(1));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.QUEUED);
        rig.advance(Duration.ofMillis(1));
        assertThat(rig.run(run).state())
                .isInstanceOfSatisfying(
                        RunState.Succeeded.class,
                        done -> assertThat(done.startedAt()).isEqualTo(due));
    }

    @Test
    void itsTimerIsWhatWakesItAndNothingIsMissing() {
        look(3);
        assertThat(invariant.findings()).isEmpty();
    }

    @Test
    void aLostTimerIsFoundAndSetAnewForTheSameTime() {
        String timers = Keys.timers(RunId.partition(run).orElseThrow());
        var before = rig.store.redis.sorted(timers);
        rig.store.redis.send(Command.DEL, timers);
        look(3);
        assertThat(rig.store.redis.sorted(timers)).isEqualTo(before);
        rig.settle();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.QUEUED);
        rig.advance(HOUR);
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void oneThatWasCancelledBeforeDoesNotBegin() {
        rig.store.runs.post(run, new Event.CancelRequested("not any more", rig.clock.instant()));
        rig.settle();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.CANCELLED);
        var history = rig.store.runs.history(run, 0, 100);
        rig.advance(HOUR.plusSeconds(1));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(rig.store.runs.history(run, 0, 100)).isEqualTo(history);
    }
}
