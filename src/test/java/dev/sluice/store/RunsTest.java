package dev.sluice.store;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Ownership;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.Transition;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunsTest {
    private static final String STEP = "/do/0/x";
    private static final String AT = "" + T0.toEpochMilli();

    private final RealStore store = new RealStore();
    private final Machine machine =
            new Machine(new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0), Secrets.NONE);
    private final Definition definition = store.definitions()
            .deploy(RealStore.document("w", "do: [ { x: { call: f, with: { n: '${ .n }' } } } ]"))
            .definition();
    private final String id = RealStore.runId();

    private Runs.Acceptance start(String input) {
        return store.runs.start(definition, id, json(input), T0);
    }

    private Ownership.Token own() {
        store.redis.send(Command.DEL, Keys.owner(P));
        return store.redis.ownership.take(P).orElseThrow();
    }

    private Run load() {
        return store.runs.find(id).orElseThrow();
    }

    private Commit commit(Run before, Event event, List<Commit.Taken> entries) {
        Transition t = machine.advance(definition, before, event);
        return new Commit(before, t.run(), t.effects(), t.history(), entries, List.of());
    }

    private Commit.Outcome commit(Ownership.Token token, Commit commit) {
        return store.commits.commit(P, token, List.of(commit)).getFirst();
    }

    private List<Commit.Taken> inbox() {
        return store.redis.inbox.read(P, 99).stream().map(RunsTest::taken).toList();
    }

    private static Commit.Taken taken(InboxEntry entry) {
        return new Commit.Taken(entry.entryId(), entry.event(), entry.data(), Commit.Fate.RECORDED);
    }

    /** Takes in {@code event} as if it stood in the inbox. */
    private void take(Event event) {
        var encoded = store.events.encode(event);
        store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", id, "e", encoded.event(), "d", encoded.data());
        assertThat(commit(own(), commit(load(), event, inbox()))).isEqualTo(Commit.Outcome.COMMITTED);
    }

    private void startAndTakeIn() {
        start("{n: 1}");
        assertThat(commit(own(), commit(load(), new Event.RunStarted(T0), inbox())))
                .isEqualTo(Commit.Outcome.COMMITTED);
    }

    @Test
    void anAcceptedRunIsStoredListedAndHasItsFirstEvent() {
        assertThat(start("{n: 1}")).isEqualTo(Runs.Acceptance.ACCEPTED);
        assertThat(load()).isEqualTo(Machine.accept(definition, id, json("{n: 1}"), Optional.empty(), T0));
        assertThat(store.redis.sorted(Keys.runs(P, "queued"))).containsExactly(id, AT);
        assertThat(store.redis.stream(Keys.inbox(P)))
                .singleElement()
                .satisfies(e -> assertThat(e).containsEntry("run", id));
    }

    @Test
    void startingARunASecondTimeChangesNothing() {
        start("{n: 1}");
        assertThat(start("{n: 1}")).isEqualTo(Runs.Acceptance.REPEATED);
        assertThat(inbox()).hasSize(1);
    }

    @Test
    void startingARunAgainWithAnotherInputIsToldAndChangesNothing() {
        start("{n: 1}");
        assertThat(start("{n: 2}")).isEqualTo(Runs.Acceptance.OTHER_INPUT);
        assertThat(load().input().tree()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void aCommitTakesInTheEventAndQueuesTheTask() {
        startAndTakeIn();
        assertThat(inbox()).isEmpty();
        String more = "{\"w\":\"test.w\"}";
        assertThat(store.redis.stream(Keys.lane(P, "f")))
                .containsExactly(
                        Map.of("run", id, "step", STEP, "attempt", "1", "input", "{\"n\":1}", "at", AT, "more", more));
        assertThat(store.runs.history(id, 0, 99)).hasSize(2);
    }

    @Test
    void aCommitMovesTheRunInTheIndexOfStatuses() {
        startAndTakeIn();
        assertThat(store.redis.sorted(Keys.runs(P, "queued"))).isEmpty();
        assertThat(store.redis.sorted(Keys.runs(P, "running"))).containsExactly(id, AT);
    }

    @Test
    void aCommitSetsTheTimerOfABackoff() {
        startAndTakeIn();
        Problem passing = Problem.of(Code.SL4010, "x").retry();
        take(new Event.StepFailed(STEP, 1, passing, Usage.NONE, T0, T0));
        assertThat(store.redis.sorted(Keys.timers(P)).getFirst()).startsWith(id + "\n{\"type\":\"TimerElapsed\"");
        assertThat(store.redis.sorted(Keys.timers(P)).getLast()).isEqualTo("" + (T0.toEpochMilli() + 1_000));
        assertThat(store.redis.sorted(Keys.runs(P, "waiting"))).containsExactly(id, AT);
    }

    @Test
    void aFinishedRunKeepsItsOutputAndNoSteps() {
        startAndTakeIn();
        take(new Event.StepSucceeded(STEP, 1, Value.of(json("{done: true}")), new Usage(1, 2, 3), T0, T0));
        assertThat(store.redis.hash(Keys.run(P, id)))
                .containsOnlyKeys("identity", "head", "version", "ended", "input", "hash", "output", "visits");
        assertThat(load().usage()).isEqualTo(new Usage(1, 2, 3));
    }

    @Test
    void whatIsLoadedIsWhatWasCommitted() {
        startAndTakeIn();
        Run before = load();
        take(new Event.StepSucceeded(STEP, 1, Value.of(json("{}")), Usage.NONE, T0, T0));
        var expected = machine.advance(
                        definition, before, new Event.StepSucceeded(STEP, 1, Value.of(json("{}")), Usage.NONE, T0, T0))
                .run();
        assertThat(load()).isEqualTo(expected);
    }

    @Test
    void anEventThatChangesNothingIsTakenOutOfTheInboxAndNothingElse() {
        startAndTakeIn();
        var before = store.redis.hash(Keys.run(P, id));
        take(new Event.RunStarted(T0));
        assertThat(store.redis.hash(Keys.run(P, id))).isEqualTo(before);
        assertThat(store.runs.history(id, 0, 99)).hasSize(2);
        assertThat(inbox()).isEmpty();
    }

    @Test
    void aCommitThatStartsFromAnOlderVersionWritesNothingEvenWithTheSameToken() {
        start("{n: 1}");
        var commit = commit(load(), new Event.RunStarted(T0), inbox());
        Ownership.Token token = own();
        commit(token, commit);
        assertThat(commit(token, commit)).isEqualTo(Commit.Outcome.STALE);
        assertThat(store.redis.length(Keys.lane(P, "f"))).isEqualTo(1);
    }

    @Test
    void aCommitOfEventsThatWereTakenInBeforeWritesNothing() {
        start("{n: 1}");
        Run run = load();
        var unchanged = new Commit(run, run, List.of(), List.of(), inbox(), List.of());
        Ownership.Token token = own();
        assertThat(commit(token, unchanged)).isEqualTo(Commit.Outcome.COMMITTED);
        assertThat(commit(token, unchanged)).isEqualTo(Commit.Outcome.TAKEN_BEFORE);
    }

    @Test
    void aFormerOwnersCommitWritesNothing() {
        start("{n: 1}");
        var commit = commit(load(), new Event.RunStarted(T0), inbox());
        Ownership.Token former = own();
        own();
        var keys = store.redis.keys();
        assertThat(commit(former, commit)).isEqualTo(Commit.Outcome.FENCED);
        assertThat(store.redis.keys()).isEqualTo(keys);
        assertThat(inbox()).hasSize(1);
    }

    @Test
    void anOwnershipThatEndedCountsWhileNobodyHasTakenThePartitionSince() {
        start("{n: 1}");
        Ownership.Token token = own();
        store.redis.send(Command.DEL, Keys.owner(P));
        var commit = commit(load(), new Event.RunStarted(T0), inbox());
        assertThat(commit(token, commit)).isEqualTo(Commit.Outcome.COMMITTED);
        assertThat(store.redis.send(Command.PTTL, Keys.owner(P)).toLong()).isPositive();
    }

    @Test
    void aCommitWithoutAnOwnerWritesNothing() {
        start("{n: 1}");
        assertThat(commit(new Ownership.Token(1, false), commit(load(), new Event.RunStarted(T0), inbox())))
                .isEqualTo(Commit.Outcome.FENCED);
    }

    @Test
    void aCommitExtendsTheOwnership() {
        start("{n: 1}");
        Ownership.Token token = own();
        store.redis.send(Command.PEXPIRE, Keys.owner(P), 1_000);
        commit(token, commit(load(), new Event.RunStarted(T0), inbox()));
        assertThat(store.redis.send(Command.PTTL, Keys.owner(P)).toLong()).isGreaterThan(1_000);
    }

    @Test
    void aRunThatDoesNotExistIsNotFound() {
        assertThat(store.runs.find(id)).isEmpty();
        assertThat(store.runs.find("nonsense")).isEmpty();
    }

    @Test
    void historyIsReadByPages() {
        startAndTakeIn();
        assertThat(store.runs.history(id, 1, 1))
                .extracting(h -> h.kind().name())
                .containsExactly("TASK_QUEUED");
        assertThat(store.runs.history(id, 9, 9)).isEmpty();
    }

    @Test
    void attemptsThatAreWithAFunctionAreKnown() {
        startAndTakeIn();
        String attempt = id + "|" + STEP + "|1";
        assertThat(inFlight(List.of(attempt))).isEmpty();
        var taken = store.redis.tasks.take(P, "f", "d", 1, T0, task -> "");
        long now = store.redis.send(Command.TIME).get(0).toLong();
        assertThat(inFlight(List.of("other|/do/0/y|1", attempt)))
                .containsOnlyKeys(attempt)
                .allSatisfy((name, at) -> assertThat(at.getEpochSecond()).isBetween(now - 60, now + 1));
        assertThat(inFlight(List.of())).isEmpty();
        store.redis.tasks.giveBack(taken, "d", Duration.ofMinutes(1));
        assertThat(inFlight(List.of(attempt))).isEmpty();
        store.redis.tasks.settle(taken.getFirst(), "", "");
        store.redis.sweep.recount(List.of(P));
        assertThat(inFlight(List.of(attempt))).isEmpty();
    }

    @Test
    void aCommitThatIsRepeatedQueuesItsTaskOnce() {
        start("{n: 1}");
        var entry = store.redis.inbox.read(P, 1).getFirst();
        var commit = commit(load(), new Event.RunStarted(T0), List.of(taken(entry)));
        var token = own();
        assertThat(commit(token, commit)).isEqualTo(Commit.Outcome.COMMITTED);
        assertThat(commit(token, commit)).isNotEqualTo(Commit.Outcome.COMMITTED);
        assertThat(store.redis.tasks.take(P, "f", "d", 9, T0, task -> "")).hasSize(1);
        assertThat(store.redis.sweep.depth(P)).isEqualTo(1);
    }

    @Test
    void aFloodOfCommitsIsWrittenToTheLast() {
        Ownership.Token token = own();
        for (int i = 0; i < 300; i++) {
            store.runs.start(definition, RealStore.runId(), json("{n: 1}"), T0);
        }
        var commits = store.redis.inbox.read(P, 999).stream()
                .map(e -> commit(store.runs.find(e.run()).orElseThrow(), new Event.RunStarted(T0), List.of(taken(e))))
                .toList();
        assertThat(store.commits.commit(P, token, commits)).hasSize(300).containsOnly(Commit.Outcome.COMMITTED);
        assertThat(store.redis.length(Keys.lane(P, "f"))).isEqualTo(300);
    }

    private Map<String, Instant> inFlight(List<String> attempts) {
        return store.runs.inFlight(store.runs.places(P, attempts));
    }
}
