package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.store.Provers;
import dev.sluice.store.Retention;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.RunStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final String SUCCEEDS = "do: [ { x: { set: { a: 1 } } } ]";
    private static final String FAILS =
            "do: [ { x: { raise: { error: { type: 'https://example.com/a', status: 500 } } } } ]";
    private static final String WAITS = "do: [ { x: { wait: P365D } } ]";

    private final Rig rig = new Rig();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Retention retention = Provers.retention(rig.store, rig.definitions, rig.clock, metrics);

    private String ran(String name, String rest) {
        String id = rig.start(rig.deploy(name, rest), "{}");
        rig.settle();
        return id;
    }

    /** What every partition has, twice over: the walk has come to each run. */
    private void afterDays(int days) {
        rig.advance(Duration.ofDays(days));
        for (int i = 0; i < 4; i++) retention.step();
    }

    private boolean exists(String run) {
        return rig.store.runs.find(run).isPresent();
    }

    @Test
    void eachOutcomeHasATimeOfItsOwn() {
        String succeeded = ran("s", SUCCEEDS);
        String failed = ran("f", FAILS);
        String cancelled = ran("c", WAITS);
        rig.post(cancelled, new Event.KillRequested("", rig.clock.instant()));
        afterDays(11);
        assertThat(List.of(exists(succeeded), exists(failed), exists(cancelled)))
                .containsExactly(true, true, false);
        afterDays(20);
        assertThat(List.of(exists(succeeded), exists(failed))).containsExactly(false, true);
        afterDays(60);
        assertThat(exists(failed)).isFalse();
        assertThat(metrics.get("sluice.runs.deleted").counter().count()).isEqualTo(3);
    }

    @Test
    void nothingIsLeftOfADeletedRun() {
        rig.drain(P);
        List<String> before = keysOfP();
        String run = ran("s", "do: [ { x: { set: { a: 1 } } } ]".replace("do:", """
                input: { from: '${ {k: 7} }' }
                do:"""));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
        rig.store.redis.send(Command.HSET, Keys.journal(P, run), "a|/do/0/x|c", "{}");
        rig.store.redis.send(Command.RPUSH, Keys.ledger(P, run), "{}");
        afterDays(31);
        assertThat(keysOfP()).isEqualTo(before);
    }

    /** But for the fence, which counts for ever, and streams, which are empty. */
    private List<String> keysOfP() {
        return rig.store.redis.keys().stream()
                .filter(key -> key.contains(P.tag()) && !key.endsWith(":fence"))
                .filter(key ->
                        !(rig.store.redis.send(Command.TYPE, key).toString().equals("stream")
                                && rig.store.redis.length(key) == 0))
                .toList();
    }

    @Test
    void aWorkflowMaySayOtherwise() {
        String brief = metadata("brief", "PT1H", SUCCEEDS);
        String mixed = metadata("mixed", "{ failed: { days: 2 } }", FAILS);
        String kept = metadata("kept", "{ failed: P400D }", FAILS);
        afterDays(3);
        assertThat(List.of(exists(brief), exists(mixed), exists(kept))).containsExactly(false, false, true);
        afterDays(200);
        assertThat(exists(kept)).isTrue();
    }

    private String metadata(String name, String retention, String rest) {
        String document = "document: { dsl: '1.0.1', namespace: test, name: " + name
                + ", version: '1.0.0', metadata: { retention: " + retention + " } }\n" + rest;
        String id = rig.start(rig.definitions.deploy(document).definition(), "{}");
        rig.settle();
        return id;
    }

    @Test
    void aTimeThatIsNoneIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> metadata("w", "for ever", SUCCEEDS))
                .hasMessageContaining("/document/metadata/retention");
    }

    @Test
    void aRunThatHasNotEndedStaysHoweverOldItIs() {
        String run = ran("w", WAITS);
        afterDays(200);
        // Even when an index is wrong about it.
        rig.store.redis.send(Command.ZADD, Keys.ended(P), 1, run);
        afterDays(100);
        assertThat(exists(run)).isTrue();
    }

    @Test
    void manyRunsGoInBoundedSteps() {
        var definition = rig.deploy("w", SUCCEEDS);
        for (int i = 0; i < 1_200; i++) rig.start(definition, "{}");
        rig.settle();
        afterDays(31);
        assertThat(rig.store.redis.send(Command.ZCARD, Keys.ended(P)).toInteger())
                .isZero();
    }
}
