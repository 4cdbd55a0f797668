package dev.sluice.orchestrator;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.OnBehalf;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Service;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a dispatcher is told of those on whose behalf a task is. */
class OnBehalfTest {
    private static final String CALL = "do: [ { x: { call: f } } ]\n";

    private final Rig rig = new Rig();

    private OnBehalf told() {
        var tasks = rig.take("f");
        assertThat(tasks).hasSize(1);
        return tasks.getFirst().task().onBehalf();
    }

    private Definition deploy(String metadata, String rest) {
        String document = "document: { dsl: '1.0.1', namespace: test, name: paid, version: '1.0.0', metadata: "
                + metadata + " }\n" + rest;
        return rig.definitions.deploy(document).definition();
    }

    private void begin(Run run) {
        rig.store.runs.start(run);
        rig.settle();
    }

    @Test
    void aTaskNamesItsWorkflowAndNothingThatThereIsNot() {
        rig.started(CALL);
        assertThat(told()).isEqualTo(new OnBehalf("", "test.w", "", ""));
    }

    @Test
    void aTaskHasTheTenantOfItsRunAndTheBudgetOfItsWorkflowAndStep() {
        Definition definition = deploy(
                "{ budget: { run: 0.05, day: 20 } }", "do: [ { x: { call: f, metadata: { budget: 0.002 } } } ]\n");
        var asked = new Service.Asked(Optional.of("acme"), Optional.empty(), Optional.empty());
        begin(Machine.accept(definition, RealStore.runId(), json("{}"), Optional.empty(), asked, rig.clock.instant()));
        assertThat(told())
                .isEqualTo(new OnBehalf("acme", "test.paid", "", "{\"run\":50000,\"step\":2000,\"day\":20000000}"));
    }

    @Test
    void aTaskOfAForkNamesTheRunThatItWasForkedFrom() {
        Definition definition = rig.deploy("w", CALL);
        String source = rig.start(definition, "{}");
        rig.settle();
        rig.answer(rig.take("f").getFirst(), "1");
        begin(Machine.forkFromStart(definition, rig.run(source), json("{}"), RealStore.runId(), rig.clock.instant()));
        assertThat(told()).isEqualTo(new OnBehalf("", "test.w", source, ""));
    }

    @Test
    void aRunThatWasSetBackIsOnBehalfOfNoOther() {
        String run = rig.started("do: [ { x: { call: f } }, { y: { call: g } } ]\n");
        rig.answer(rig.take("f").getFirst(), "1");
        rig.post(run, new Event.ResetRequested("/do/0/x", Optional.empty(), rig.clock.instant()));
        assertThat(told()).isEqualTo(new OnBehalf("", "test.w", "", ""));
    }
}
