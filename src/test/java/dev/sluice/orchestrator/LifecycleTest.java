package dev.sluice.orchestrator;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private static final String CALL = "do: [ { x: { call: f } } ]";

    private Rig rig = new Rig("workflows");

    /** Types without what all have in common. */
    private List<String> types() {
        return rig.sunk().stream()
                .map(event -> event.path("type").asText())
                .map(type -> type.replace("io.serverlessworkflow.", "").replace(".v1", ""))
                .toList();
    }

    private JsonNode event(String type) {
        return rig.sunk().stream()
                .filter(e -> e.path("type").asText().equals("io.serverlessworkflow." + type + ".v1"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunTellsItsStartAndItsEndWithWhatTheSpecificationSays() {
        String run = rig.started("do: [ { x: { set: { a: 1 } } } ]");
        assertThat(types()).containsExactly("workflow.started", "workflow.completed");
        JsonNode started = event("workflow.started");
        assertThat(started.path("source").asText()).isEqualTo("/runs/" + run);
        assertThat(started.path("id").asText()).isEqualTo(run + "-1-0");
        assertThat(started.path("data")).isEqualTo(json("""
                {name: '%s.test', startedAt: '2026-01-01T00:00:00Z',
                 definition: {name: 'w', namespace: 'test', version: '1.0.0'}}""".formatted(run)));
        assertThat(event("workflow.completed").path("data").path("output")).isEqualTo(json("{a: 1}"));
    }

    @Test
    void aFailureIsToldWithItsError() {
        rig.started(CALL);
        rig.fail(rig.take("f").getFirst(), Problem.of(Code.SL4012, "no"));
        assertThat(types()).containsExactly("workflow.started", "workflow.faulted");
        assertThat(event("workflow.faulted")
                        .path("data")
                        .path("error")
                        .path("status")
                        .asInt())
                .isEqualTo(502);
    }

    @Test
    void whatAPersonDoesIsTold() {
        String run = rig.started(CALL);
        rig.post(run, new Event.PauseRequested(rig.clock.instant()));
        rig.post(run, new Event.ResumeRequested(rig.clock.instant()));
        rig.post(run, new Event.KillRequested("", rig.clock.instant()));
        assertThat(types())
                .containsExactly("workflow.started", "workflow.suspended", "workflow.resumed", "workflow.cancelled");
    }

    @Test
    void aListenBeginsAndEndsACorrelation() {
        rig.started("do: [ { x: { listen: { to: { one: { with: { type: go } } } } } } ]");
        rig.publish(SchedulesTest.event("1", "go", "{}"));
        assertThat(types())
                .containsExactly(
                        "workflow.started",
                        "workflow.correlation-started",
                        "workflow.correlation-completed",
                        "workflow.completed");
    }

    @Test
    void allTellsTheTasksTooByTheirPlaceInTheDocument() {
        rig = new Rig("all");
        rig.started("do: [ { s: { set: { a: 1 } } }, { x: { call: f } } ]");
        rig.fail(rig.take("f").getFirst(), Problem.of(Code.SL4010, "x").retry());
        rig.advance(java.time.Duration.ofMinutes(1));
        rig.answer(rig.take("f").getFirst(), "{b: 2}");
        assertThat(types().stream().filter(type -> type.startsWith("task.")))
                .containsExactly(
                        "task.created",
                        "task.started",
                        "task.completed",
                        "task.created",
                        "task.started",
                        "task.retried",
                        "task.completed");
        assertThat(event("task.retried").path("data").path("task").asText()).isEqualTo("/do/1/x");
        assertThat(rig.sunk().stream().map(e -> e.path("id").asText())).doesNotHaveDuplicates();
    }

    @Test
    void aLargeOutputIsLeftOut() {
        rig.started("do: [ { x: { set: { long: '${ \"x\" * 20000 }' } } } ]");
        assertThat(event("workflow.completed").path("data").has("output")).isFalse();
    }

    @Test
    void aWorkflowMayStartByTheFailureOfAnotherOne() {
        rig.deploy("alarm", """
                schedule: { on: { one: { with: { type: io.serverlessworkflow.workflow.faulted.v1 } } } }
                do: [ { x: { set: { a: 1 } } } ]""");
        rig.started(CALL);
        rig.fail(rig.take("f").getFirst(), Problem.of(Code.SL4012, "no"));
        assertThat(rig.runsOf("alarm")).hasSize(1);
    }

    @Test
    void aWorkflowThatAnyEventStartsDoesNotStartItselfForEver() {
        rig.deploy("any", "schedule: { on: { any: [] } }\ndo: [ { x: { set: { a: 1 } } } ]");
        rig.publish(SchedulesTest.event("1", "go", "{}"));
        assertThat(rig.runsOf("any")).hasSize(1);
    }

    @Test
    void nothingIsToldWithoutASinkUnlessTheSettingSaysSo() {
        var silent = new Lifecycle(rig.definitions, Optional.empty(), Optional.empty());
        String run = rig.started("do: [ { x: { set: { a: 1 } } } ]");
        var history = rig.store.runs.history(run, 0, 99);
        assertThat(silent.of(rig.run(run), rig.run(run), history)).isEmpty();
        var told = new Lifecycle(rig.definitions, Optional.empty(), Optional.of("http://sink"));
        assertThat(told.of(rig.run(run), rig.run(run), history)).hasSize(2);
        assertThatThrownBy(() -> new Lifecycle(rig.definitions, Optional.of("some"), Optional.empty()))
                .isInstanceOf(ProblemException.class);
    }
}
