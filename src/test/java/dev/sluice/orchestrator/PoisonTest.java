package dev.sluice.orchestrator;

import static dev.sluice.orchestrator.SchedulesTest.event;
import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Keys;
import dev.sluice.store.OutboxEntry;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Command;
import org.junit.jupiter.api.Test;

/** What will never be readable must not hold up the partition that it is in. */
class PoisonTest {
    private static final String LISTEN = "do: [ { x: { listen: { to: { one: { with: { type: go } } } } } } ]";
    private static final String GONE = "@sha256-" + "0".repeat(64);

    private final Rig rig = new Rig();

    @Test
    void anEventForAllWhosePayloadIsLostGoesToTheDeadLetters() {
        String run = rig.started(LISTEN);
        rig.store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", "", "e", "go", "d", GONE, "at", "0");
        rig.publish(event("1", "go", "{n: 1}"));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(rig.store.redis.dead(P)).hasSize(1);
    }

    @Test
    void anOutboxEntryWhosePayloadIsLostGoesToTheDeadLettersAndThoseBehindItAreDelivered() {
        String run = rig.started(LISTEN);
        rig.again(P, run, OutboxEntry.Kind.EMIT, "{}", GONE);
        rig.again(
                P,
                run,
                OutboxEntry.Kind.EMIT,
                "{}",
                RealStore.json(event("2", "go", "{n: 2}")).toString());
        rig.settle();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(rig.store.redis.dead(P)).hasSize(1);
    }

    @Test
    void aStepWhoseRunCannotBeStartedIsTold() {
        rig.deploy("child", "do: [ { x: { call: f } } ]");
        String run =
                rig.started("do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]");
        rig.again(
                P,
                run,
                OutboxEntry.Kind.START,
                "{\"step\":\"/do/0/x\",\"attempt\":1,\"namespace\":\"test\",\"name\":\"child\","
                        + "\"version\":\"1.0.0\",\"await\":true}",
                GONE);
        rig.settle();
        assertThat(((RunState.Failed) rig.run(run).state()).problem().code()).isEqualTo("SL9001");
    }

    @Test
    void aStepThatWaitsForAResultThatIsLostIsTold() {
        rig.deploy("child", "do: [ { x: { call: f } } ]");
        String run =
                rig.started("do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]");
        String ended = "{\"run\":\"" + run + "\",\"step\":\"/do/0/x\",\"attempt\":1,\"failed\":false}";
        rig.again(P, run, OutboxEntry.Kind.ENDED, ended, GONE);
        rig.settle();
        assertThat(((RunState.Failed) rig.run(run).state()).problem().code()).isEqualTo("SL9001");
    }
}
