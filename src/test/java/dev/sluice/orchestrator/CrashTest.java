package dev.sluice.orchestrator;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Keys;
import dev.sluice.queue.MortalLink;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.RunState;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A workflow with every kind of step, and a process that is killed at each of its writes to Redis in turn, once right
 * before and once right after it: the next process ends the run with the same output, and every effect is there once.
 * Every ninth write here, every one with {@code make crash}.
 */
class CrashTest {
    /** What a run has come to, but for what may differ: how often a function was asked. */
    private record Outcome(JsonNode output, List<String> effects, List<String> successes) {}

    @Test
    void aProcessKilledAtAnyOfItsWritesLosesNothingAndDoesNothingTwice() {
        var expected = new Outcome[1];
        int writes = run(0, false, expected);
        assertThat(expected[0].output()).isEqualTo(json("{heard: [{ok: true}], first: 'f 3'}"));
        int every = Integer.getInteger("sluice.crash.every", 9);
        for (int write = 1; write <= writes; write += every) {
            for (boolean afterwards : new boolean[] {false, true}) {
                var outcome = new Outcome[1];
                run(write, afterwards, outcome);
                assertThat(outcome[0])
                        .as("killed %s write %d of %d", afterwards ? "after" : "before", write, writes)
                        .isEqualTo(expected[0]);
            }
        }
    }

    /** @return the writes of the first process */
    private static int run(int fatal, boolean afterwards, Outcome[] outcome) {
        var store = new RealStore();
        var outside = new SmallWorld.Outside();
        RealRedis mortal = RealRedis.mortal(fatal, afterwards);
        var first = new SmallWorld(new RealStore(mortal, store.directory), outside);
        if (SmallWorld.untilKilled(first)) {
            SmallWorld.untilKilled(new SmallWorld(new RealStore(RealRedis.mortal(0, false), store.directory), outside));
        }
        outcome[0] = outcome(store, outside);
        return ((MortalLink) mortal.link).writes();
    }

    private static Outcome outcome(RealStore store, SmallWorld.Outside outside) {
        var run = store.runs.find(outside.run).orElseThrow();
        assertThat(run.state()).as(run.toString()).isInstanceOf(RunState.Succeeded.class);
        var successes = new TreeMap<String, Integer>();
        for (HistoryEntry entry : store.runs.history(outside.run, 0, 10_000)) {
            if (entry.kind() == HistoryEntry.Kind.STEP_SUCCEEDED) successes.merge(entry.step(), 1, Integer::sum);
        }
        assertThat(successes.values()).containsOnly(1);
        assertThat(store.redis.sorted(Keys.timers(RealRedis.P))).isEmpty();
        return new Outcome(
                ((RunState.Succeeded) run.state()).output().tree(),
                List.copyOf(outside.effects),
                successes.keySet().stream().toList());
    }
}
