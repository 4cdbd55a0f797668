package dev.sluice.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.store.Clearing;
import dev.sluice.store.Clearing.Action;
import dev.sluice.store.Clearing.Plan;
import dev.sluice.store.Clearings;
import dev.sluice.store.DeadLetter.Kind;
import dev.sluice.store.DeadLetters;
import dev.sluice.store.LetterQuery;
import dev.sluice.store.Redriver;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Many dead letters, redriven or dropped at a bounded rate. */
class ClearingTest {
    private static final String CALLS = "do: [ { x: { call: f } } ]";

    private final Rig rig = new Rig();
    private final DeadLetters letters = rig.store.letters();
    private Clearings clearings = rig.store.clearings(rig.definitions, rig.clock);

    private List<String> failed(int count, Code code) {
        var definition = rig.deploy("w", CALLS);
        var ids = new ArrayList<String>();
        for (int i = 0; i < count; i++) ids.add(rig.start(definition, "{}"));
        rig.settle();
        failAll(code);
        rig.clock.advance(Duration.ofMillis(1));
        return ids;
    }

    private void failAll(Code code) {
        rig.take("f").forEach(task -> rig.fail(task, Problem.of(code, "it does not work")));
    }

    private Clearing redrive(int rate) {
        return begin(Action.REDRIVE, "", rate);
    }

    private Clearing begin(Action action, String revision, int rate) {
        LetterQuery query = LetterQuery.ANY.ofKind(Kind.STEP);
        var plan = new Plan(action, query, revision, "given up", rate, rig.clock.instant());
        return clearings.begin(plan, Optional.empty());
    }

    private Clearing at(Clearing clearing) {
        return clearings.find(clearing.id()).orElseThrow();
    }

    private void step(Duration time) {
        rig.clock.advance(time);
        clearings.step();
    }

    private long retries(List<String> ids) {
        return ids.stream()
                .flatMap(id -> rig.store.runs.history(id, 0, 999).stream())
                .filter(entry -> entry.kind() == HistoryEntry.Kind.RUN_RETRIED)
                .count();
    }

    @Test
    void lettersAreRedrivenNoFasterThanAskedForAndTheOldestFirst() {
        var ids = failed(3, Code.SL4012);
        ids.addAll(failed(30, Code.SL4012));
        Clearing clearing = redrive(10);
        step(Duration.ZERO);
        step(Duration.ofMillis(200));
        assertThat(at(clearing).progress().done()).isEqualTo(3);
        assertThat(ids.subList(0, 3)).allMatch(id -> letters.redrivenAt(id).isPresent());
        for (int i = 0; i < 5; i++) step(Duration.ofMillis(200));
        assertThat(at(clearing).progress().done()).isEqualTo(13);
        // A pause of the process is not made up for by a flood.
        step(Duration.ofHours(1));
        assertThat(at(clearing).progress().done()).isEqualTo(23);
        assertThat(at(clearing).status()).isEqualTo(Clearing.Status.RUNNING);
        step(Duration.ofSeconds(2));
        assertThat(at(clearing).progress().done()).isEqualTo(33);
        assertThat(at(clearing).status()).isEqualTo(Clearing.Status.DONE);
        rig.settle();
        assertThat(retries(ids)).isEqualTo(33);
        assertThat(letters.counts()).isEmpty();
    }

    @Test
    void whatFailsAgainIsNotRedrivenAgain() {
        var ids = failed(5, Code.SL4012);
        Clearing clearing = redrive(1);
        for (int i = 0; i < 20; i++) {
            step(Duration.ofSeconds(1));
            rig.settle();
            failAll(Code.SL4012);
        }
        assertThat(at(clearing).status()).isEqualTo(Clearing.Status.DONE);
        assertThat(at(clearing).progress().done()).isEqualTo(5);
        assertThat(retries(ids)).isEqualTo(5);
        assertThat(letters.counts().get("kind")).containsEntry("step", 5L);
    }

    @Test
    void anotherProcessGoesOnWhereOneWasLostAndEachIsDoneAndCountedOnce() {
        var ids = failed(20, Code.SL4012);
        Clearing clearing = redrive(5);
        step(Duration.ofSeconds(1));
        // Lost before it could note how far it came, and before any run had gone on.
        rig.store.redis.send(Command.HDEL, Keys.clearing(clearing.id()), "cursor");
        rig.store.redis.send(Command.DEL, Keys.clearingLease());
        clearings = rig.store.clearings(rig.definitions, rig.clock);
        for (int i = 0; i < 30; i++) step(Duration.ofSeconds(1));
        rig.settle();
        assertThat(at(clearing).status()).isEqualTo(Clearing.Status.DONE);
        assertThat(at(clearing).progress().done()).isEqualTo(20);
        assertThat(at(clearing).progress().skipped()).isZero();
        assertThat(retries(ids)).isEqualTo(20);
    }

    @Test
    void oneProcessAtATimeCarriesItOut() {
        failed(20, Code.SL4012);
        Clearing clearing = redrive(1);
        var other = rig.store.clearings(rig.definitions, rig.clock);
        clearings.step();
        for (int i = 0; i < 5; i++) {
            rig.clock.advance(Duration.ofSeconds(1));
            other.step();
        }
        assertThat(at(clearing).progress().done()).isEqualTo(1);
    }

    @Test
    void poisonIsLeftAloneAndWhatSomebodyElseRedrivesIsSkipped() {
        String poison = failed(1, Code.SL4014).getFirst();
        var ids = failed(4, Code.SL4012);
        rig.store
                .redriver(rig.definitions, rig.clock)
                .redrive(letters.find(ids.getFirst()).orElseThrow(), "", "");
        Clearing clearing = redrive(100);
        clearings.step();
        step(Duration.ofSeconds(1));
        assertThat(at(clearing).progress().done()).isEqualTo(3);
        assertThat(at(clearing).progress().skipped()).isEqualTo(1);
        rig.settle();
        assertThat(rig.run(poison).status()).isEqualTo(RunStatus.FAILED);
        assertThat(letters.counts().get("kind")).isEqualTo(java.util.Map.of("poison", 1L));
    }

    @Test
    void whatCannotBeMovedIsRefusedWithItsProblem() {
        failed(15, Code.SL4012);
        rig.deploy("w", "do: [ { other: { set: { v: 2 } } } ]");
        Clearing clearing = begin(Action.REDRIVE, Redriver.LATEST, 100);
        clearings.step();
        step(Duration.ofSeconds(1));
        assertThat(at(clearing).status()).isEqualTo(Clearing.Status.DONE);
        assertThat(at(clearing).progress().refused()).isEqualTo(15);
        assertThat(at(clearing).progress().refusals())
                .hasSize(10)
                .allSatisfy(refusal ->
                        assertThat(refusal.at("/problem/code").asText()).isEqualTo("SL2021"));
        assertThat(letters.counts().get("kind")).containsEntry("step", 15L);
    }

    private Plan redriveOf(String workflow, String revision) {
        var query = new LetterQuery(Optional.of(Kind.STEP), workflow, "", "", "", Optional.empty(), Optional.empty());
        return new Plan(Action.REDRIVE, query, revision, "", 50, rig.clock.instant());
    }

    @Test
    void aRedriveOfAWorkflowOrToARevisionThatDoesNotExistIsNotBegun() {
        var definition = rig.deploy("w", CALLS);
        for (Plan plan : List.of(
                redriveOf("nope", ""),
                redriveOf("other.w", ""),
                redriveOf("nope", Redriver.LATEST),
                redriveOf("w", "nope"),
                redriveOf(definition.qualifiedName(), "nope"))) {
            assertThatThrownBy(() -> clearings.begin(plan, Optional.empty()))
                    .as(plan.toString())
                    .hasMessageContaining("SL2001");
        }
        assertThat(clearings.all()).isEmpty();
        clearings.begin(redriveOf("w", ""), Optional.empty());
        clearings.begin(redriveOf("w", definition.revision()), Optional.empty());
        clearings.begin(redriveOf(definition.qualifiedName(), Redriver.LATEST), Optional.empty());
        assertThat(clearings.all()).hasSize(3);
    }

    @Test
    void aStoppedClearingLeavesTheOthersAsTheyAre() {
        failed(10, Code.SL4012);
        Clearing clearing = redrive(1);
        step(Duration.ofSeconds(1));
        long done = at(clearing).progress().done();
        assertThat(clearings.stop(clearing.id()).orElseThrow().status()).isEqualTo(Clearing.Status.STOPPED);
        for (int i = 0; i < 10; i++) step(Duration.ofSeconds(1));
        rig.settle();
        assertThat(at(clearing).progress().done()).isEqualTo(done).isBetween(1L, 2L);
        assertThat(letters.counts().get("kind")).containsEntry("step", 10 - done);
    }

    @Test
    void manyAreDroppedWithTheirReason() {
        var ids = failed(12, Code.SL4012);
        Clearing clearing = begin(Action.DROP, "", 100);
        clearings.step();
        step(Duration.ofSeconds(1));
        assertThat(at(clearing).progress().done()).isEqualTo(12);
        assertThat(letters.counts()).isEmpty();
        assertThat(ids)
                .allSatisfy(id -> assertThat(rig.store
                                .runs
                                .history(id, 0, 99)
                                .getLast()
                                .data()
                                .tree()
                                .path("reason")
                                .asText())
                        .isEqualTo("given up"));
    }

    @Test
    void theSameKeyBeginsItOnceAndMeansNothingElse() {
        var query = LetterQuery.ANY.ofKind(Kind.STEP);
        var plan = new Plan(Action.REDRIVE, query, "", "", 50, rig.clock.instant());
        Clearing first = clearings.begin(plan, Optional.of("k"));
        assertThat(clearings.begin(plan, Optional.of("k"))).isEqualTo(first);
        var other = new Plan(Action.REDRIVE, query, "", "", 51, rig.clock.instant());
        assertThatThrownBy(() -> clearings.begin(other, Optional.of("k"))).hasMessageContaining("SL2009");
        assertThat(clearings.all()).extracting(Clearing::id).containsExactly(first.id());
    }

    @Test
    void tenAtATimeAndTheLatestHundredAreKept() {
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 10; i++) redrive(1);
            assertThatThrownBy(() -> redrive(1)).hasMessageContaining("SL2043");
            step(Duration.ofSeconds(1));
        }
        assertThat(clearings.all()).hasSize(100);
        assertThat(rig.store.redis.keys().stream().filter(key -> key.startsWith("sluice:clearing:")))
                .hasSize(100);
    }
}
