package dev.sluice.orchestrator;

import static dev.sluice.orchestrator.SchedulesTest.event;
import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Keys;
import dev.sluice.workflow.Definition;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** A large event for many runs is in Redis once, not once for each of them. */
class WideEventTest {
    private final Rig rig = new Rig();

    @Test
    void theRunsShareOneFile() {
        Definition workflow = rig.deploy("w", "do: [ { x: { listen: { to: { one: { with: { type: go } } } } } } ]");
        var runs = new ArrayList<String>();
        for (int i = 0; i < 100; i++) runs.add(rig.start(workflow, "{}"));
        rig.settle();
        String text = "x".repeat(12_000);
        rig.publish(event("1", "go", "'" + text + "'"));
        for (String run : runs) {
            assertThat(rig.output(run)).isEqualTo(json("['" + text + "']"));
            assertThat(rig.store.redis.list(Keys.transcript(P, run)).getLast()).contains("\n@sha256-");
        }
    }
}
