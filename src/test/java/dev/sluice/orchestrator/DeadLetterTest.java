package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.DeadLetter.Kind;
import dev.sluice.store.DeadLetters;
import dev.sluice.store.LetterQuery;
import dev.sluice.store.Provers;
import dev.sluice.store.Redriver;
import dev.sluice.store.Redriver.Outcome;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a dead letter is written, what it says, and how it goes. */
class DeadLetterTest {
    private static final String CALLS = "do: [ { x: { call: f, with: { n: 1 } } } ]";
    private static final Problem BROKEN = Problem.of(Code.SL4012, "it answered 500");

    private final Rig rig = new Rig();
    private final DeadLetters letters = rig.store.letters();
    private final Redriver redriver = rig.store.redriver(rig.definitions, rig.clock);

    private String failed(String rest) {
        return failed("w", rest, BROKEN);
    }

    private String failed(String name, String rest, Problem problem) {
        String id = rig.start(rig.deploy(name, rest), "{}");
        rig.settle();
        rig.take("f").forEach(task -> rig.fail(task, problem));
        return id;
    }

    private DeadLetter letter(String id) {
        return letters.find(id).orElseThrow();
    }

    private void assertNothingIsFiled() {
        assertThat(letters.counts()).isEmpty();
        assertThat(rig.store.redis.keys()).noneMatch(key -> key.contains(":dead-"));
    }

    private long retries(String run) {
        return rig.store.runs.history(run, 0, 999).stream()
                .filter(entry -> entry.kind() == HistoryEntry.Kind.RUN_RETRIED)
                .count();
    }

    @Test
    void aRunThatFailsIsADeadLetterWithItsReason() {
        String run = failed(CALLS);
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.FAILED);
        DeadLetter letter = letter(run);
        assertThat(letter.kind()).isEqualTo(Kind.STEP);
        assertThat(List.of(letter.run(), letter.qualifiedName(), letter.revision(), letter.function(), letter.step()))
                .containsExactly(run, "test.w", rig.run(run).revision(), "f", "/do/0/x");
        assertThat(letter.attempts()).isEqualTo(1);
        assertThat(letter.problem().code()).isEqualTo("SL4012");
        assertThat(letter.at()).isEqualTo(rig.clock.instant());
        assertThat(letters.counts())
                .containsEntry("all", Map.of("", 1L))
                .containsEntry("kind", Map.of("step", 1L))
                .containsEntry("workflow", Map.of("test.w", 1L))
                .containsEntry("function", Map.of("f", 1L))
                .containsEntry("code", Map.of("SL4012", 1L));
    }

    @Test
    void theLetterTellsHowOftenAndSinceWhenItWasTried() {
        String run = rig.start(rig.deploy("w", CALLS), "{}");
        rig.settle();
        var firstAt = rig.clock.instant();
        rig.take("f").forEach(task -> rig.fail(task, BROKEN.retry()));
        rig.advance(Duration.ofMinutes(1));
        rig.take("f").forEach(task -> rig.fail(task, BROKEN));
        assertThat(letter(run).attempts()).isEqualTo(2);
        assertThat(letter(run).firstAt()).isEqualTo(firstAt);
        assertThat(letter(run).at()).isEqualTo(firstAt.plusSeconds(60));
    }

    @Test
    void aRunThatFailsAsAWholeIsOneToo() {
        String run = rig.started("timeout: { after: PT1M }\n" + CALLS);
        rig.advance(Duration.ofMinutes(2));
        assertThat(letter(run).step()).isEmpty();
        assertThat(letter(run).problem().code()).isEqualTo("SL4020");
    }

    @Test
    void aFailureThatACatchTakesIsNone() {
        String run =
                failed("do: [ { x: { try: [ { y: { call: f } } ], catch: { do: [ { z: { set: { a: 1 } } } ] } } } ]");
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
        assertNothingIsFiled();
    }

    @Test
    void theFailureOfARunThatAnotherWaitsForIsALetterOfThatOneAlone() {
        rig.deploy("child", CALLS);
        String run =
                rig.started("do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]");
        rig.take("f").forEach(task -> rig.fail(task, BROKEN));
        assertThat(letters.latest(LetterQuery.ANY, Optional.empty(), 9).letters())
                .extracting(DeadLetter::id)
                .containsExactly(run);
    }

    @Test
    void anAttemptThatWasLostTooOftenIsPoison() {
        String run = failed("w", CALLS, Problem.of(Code.SL4014, "each time the dispatcher was lost"));
        assertThat(letter(run).kind()).isEqualTo(Kind.POISON);
        assertThat(letters.counts()).containsEntry("kind", Map.of("poison", 1L));
    }

    @Test
    void theLetterIsGoneWhenTheRunIsRetriedOrReset() {
        String retried = failed(CALLS);
        rig.post(retried, new Event.RetryRequested(rig.clock.instant()));
        assertNothingIsFiled();
        rig.take("f").forEach(task -> rig.fail(task, BROKEN));
        assertThat(letters.find(retried)).isPresent();
        rig.post(retried, new Event.ResetRequested("/do/0/x", Optional.empty(), rig.clock.instant()));
        assertNothingIsFiled();
    }

    @Test
    void theLetterGoesWithItsRun() {
        failed(CALLS);
        rig.advance(Duration.ofDays(91));
        var retention = Provers.retention(rig.store, rig.definitions, rig.clock, new SimpleMeterRegistry());
        for (int i = 0; i < 4; i++) retention.step();
        assertThat(rig.runsOf("w")).isEmpty();
        assertNothingIsFiled();
    }

    @Test
    void lettersMayHaveATimeOfTheirOwn() {
        String run = failed(CALLS);
        rig.store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", "ghost", "e", "{}", "d", "");
        rig.settle();
        rig.advance(Duration.ofDays(11));
        var metrics = new SimpleMeterRegistry();
        var unset = rig.store.letterRetention(rig.definitions, rig.clock, metrics, Optional.empty());
        unset.step();
        unset.refresh();
        assertThat(metrics.get("sluice.dead.letters")
                        .tag("kind", "step")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(metrics.get("sluice.dead.letters")
                        .tag("kind", "entry")
                        .gauge()
                        .value())
                .isEqualTo(1);
        rig.store
                .letterRetention(
                        rig.definitions, rig.clock, new SimpleMeterRegistry(), Optional.of(Duration.ofDays(10)))
                .step();
        assertNothingIsFiled();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void twoRedrivesAtTheSameTimeDoItOnce() {
        String run = failed(CALLS);
        DeadLetter seen = letter(run);
        assertThat(redriver.redrive(seen, "", "")).isEqualTo(Outcome.DONE);
        assertThat(redriver.redrive(seen, "", "")).isEqualTo(Outcome.REPEATED);
        assertThat(letters.redrivenAt(run)).contains(rig.clock.instant());
        rig.settle();
        assertThat(redriver.redrive(seen, "", "")).isEqualTo(Outcome.GONE);
        rig.take("f").forEach(task -> rig.fail(task, BROKEN));
        assertThat(retries(run)).isEqualTo(1);
    }

    @Test
    void anOrderForAFormerFailureDoesNotMeanTheNextOne() {
        String run = failed(CALLS);
        DeadLetter former = letter(run);
        redriver.redrive(former, "", "");
        rig.advance(Duration.ofSeconds(1));
        rig.take("f").forEach(task -> rig.fail(task, BROKEN));
        assertThat(redriver.redrive(former, "", "")).isEqualTo(Outcome.GONE);
        assertThat(redriver.drop(former, "why", "")).isEqualTo(Outcome.GONE);
        assertThat(redriver.redrive(letter(run), "", "")).isEqualTo(Outcome.DONE);
    }

    @Test
    void aRedriveMovesTheRunToANewerRevisionFirst() {
        String run = failed("do: [ { x: { call: f } }, { y: { set: { v: 1 } } } ]");
        String newer = rig.deploy("w", "do: [ { x: { call: f } }, { y: { set: { v: 2 } } } ]")
                .revision();
        redriver.redrive(letter(run), Redriver.LATEST, "");
        rig.settle();
        rig.take("f").forEach(task -> rig.answer(task, "{}"));
        assertThat(rig.run(run).revision()).isEqualTo(newer);
        assertThat(rig.output(run).path("v").asInt()).isEqualTo(2);
        assertNothingIsFiled();
    }

    @Test
    void aRedriveToARevisionWithoutTheStepIsRefusedAndTheLetterStays() {
        String run = failed(CALLS);
        rig.deploy("w", "do: [ { other: { set: { v: 2 } } } ]");
        assertThatThrownBy(() -> redriver.redrive(letter(run), Redriver.LATEST, ""))
                .hasMessageContaining("SL2021");
        assertThatThrownBy(() -> redriver.redrive(letter(run), "none", "")).hasMessageContaining("SL2001");
        rig.settle();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.FAILED);
        assertThat(letters.redrivenAt(run)).isEmpty();
    }

    @Test
    void aDroppedLetterIsGoneAndItsRunSaysWhy() {
        String run = failed(CALLS);
        assertThat(redriver.drop(letter(run), "not needed any more", "")).isEqualTo(Outcome.DONE);
        assertNothingIsFiled();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.FAILED);
        HistoryEntry last = rig.store.runs.history(run, 0, 999).getLast();
        assertThat(last.kind()).isEqualTo(HistoryEntry.Kind.RUN_DROPPED);
        assertThat(last.data().tree().path("reason").asText()).isEqualTo("not needed any more");
        String newer = rig.deploy("w", CALLS + "\n# changed").revision();
        rig.post(run, new Event.MoveRequested(newer, rig.clock.instant()));
        assertNothingIsFiled();
    }

    @Test
    void whatIsBeingRedrivenIsNotDropped() {
        String run = failed(CALLS);
        redriver.redrive(letter(run), "", "");
        assertThatThrownBy(() -> redriver.drop(letter(run), "why", "")).hasMessageContaining("SL2041");
        assertThat(letters.find(run)).isPresent();
    }

    @Test
    void aRedriveThatCameToNothingMayBeRepeated() {
        String run = failed(CALLS);
        redriver.redrive(letter(run), "", "");
        rig.store.redis.send(Command.DEL, Keys.inbox(P));
        rig.clock.advance(Duration.ofMinutes(11));
        assertThat(redriver.redrive(letter(run), "", "")).isEqualTo(Outcome.DONE);
        rig.settle();
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void anEntryIsPutBackIntoItsStreamWithItsFields() {
        rig.store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", "ghost", "e", "ä\n{}", "d", "");
        rig.drain(P);
        DeadLetter letter =
                letters.latest(LetterQuery.ANY, Optional.empty(), 9).letters().getFirst();
        assertThat(letter.kind()).isEqualTo(Kind.ENTRY);
        assertThat(letter.problem().code()).isEqualTo("SL2044");
        assertThat(letter.problem().detail()).isEqualTo("there is no run ghost");
        assertThatThrownBy(() -> redriver.redrive(letter, Redriver.LATEST, "")).hasMessageContaining("SL2041");
        assertThat(redriver.redrive(letter, "", "")).isEqualTo(Outcome.DONE);
        assertThat(redriver.redrive(letter, "", "")).isEqualTo(Outcome.GONE);
        assertThat(rig.store.redis.stream(Keys.inbox(P)))
                .containsExactly(Map.of("run", "ghost", "e", "ä\n{}", "d", ""));
        assertNothingIsFiled();
        rig.drain(P);
        assertThat(letters.counts()).containsEntry("kind", Map.of("entry", 1L));
    }
}
