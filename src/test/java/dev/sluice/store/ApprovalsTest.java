package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RunId;
import dev.sluice.store.Commit.Fate;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.Transition;
import dev.sluice.workflow.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index of open questions, and other things that commits and posts keep for those who ask. */
class ApprovalsTest {
    private static final String ASK = "/do/0/both/fork/branches/0/ask";

    private final RealStore store = new RealStore();
    private final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);
    private final Random random = new Random(3);
    private final Definition definition =
            store.definitions().deploy(RealStore.document("w", """
                    do:
                      - both:
                          fork:
                            branches:
                              - ask:
                                  timeout: { after: PT1H }
                                  metadata: { approval: { title: '${ .title }' } }
                                  listen: { to: { one: { with: { type: answer } } } }
                              - work: { call: f }
                    """)).definition();

    private String begin(Instant at) {
        Partition partition = store.redis.partitions.any("default", random);
        String id = RunId.next(partition, T0, random);
        store.runs.start(definition, id, json("{title: 'Pay?'}"), at);
        take(id, new Event.RunStarted(at));
        return id;
    }

    /** Takes the event in as an orchestrator would. */
    private Run take(String id, Event event) {
        Partition p = RunId.partition(id).orElseThrow();
        if (!(event instanceof Event.RunStarted)) store.runs.post(id, event);
        Run before = store.runs.find(id).orElseThrow();
        Transition t = machine.advance(definition, before, event);
        var taken = store.redis.inbox.read(p, 9).stream()
                .filter(entry -> entry.run().equals(id))
                .map(entry -> new Commit.Taken(entry.entryId(), entry.event(), entry.data(), Fate.RECORDED))
                .toList();
        Ownership.Token token = store.redis.ownership.take(p).orElseThrow();
        var outcomes = store.commits.commit(
                p, token, List.of(new Commit(before, t.run(), t.effects(), t.history(), taken, List.of())));
        store.redis.ownership.release(p, token);
        assertThat(outcomes).containsExactly(Commit.Outcome.COMMITTED);
        return t.run();
    }

    private List<String> open(int limit) {
        var runs = new ArrayList<String>();
        Optional<String> cursor = Optional.empty();
        do {
            var page = store.approvals.page(cursor, limit);
            page.approvals().forEach(a -> runs.add(a.approval().run()));
            cursor = page.next();
        } while (cursor.isPresent());
        return runs;
    }

    @Test
    void aQuestionIsListedFromTheCommitInWhichItIsAsked() {
        String id = begin(T0);
        var asked = store.approvals.page(Optional.empty(), 9).approvals().getFirst();
        assertThat(asked.askedAt()).isEqualTo(T0);
        assertThat(asked.approval().run()).isEqualTo(id);
        assertThat(asked.approval().step()).isEqualTo(ASK);
        assertThat(asked.approval().answerType()).isEqualTo("answer");
        assertThat(asked.approval().deadline()).contains(T0.plus(Duration.ofHours(1)));
        assertThat(asked.approval().request()).isEqualTo(json("{title: 'Pay?'}"));
        assertThat(store.approvals.find(id, ASK)).contains(asked.approval());
        assertThat(store.approvals.find(id, "/do/0/other")).isEmpty();
        assertThat(store.approvals.find("no run", ASK)).isEmpty();
    }

    @Test
    void theAnswerTheDeadlineAndTheEndOfTheRunTakeItFromTheList() {
        String answered = begin(T0);
        var answer = json("{specversion: '1.0', id: '1', source: '/t', type: 'answer', data: {}}");
        take(answered, new Event.EventArrived(Value.of(answer), true, ASK, T0));
        String late = begin(T0);
        Instant due = T0.plus(Duration.ofHours(1));
        take(late, new Event.TimerElapsed(Event.Timer.STEP_TIMEOUT, ASK, 0, due));
        String killed = begin(T0);
        take(killed, new Event.KillRequested("", T0));
        assertThat(open(9)).isEmpty();
        for (Partition p : store.redis.partitions.all()) {
            assertThat(store.redis.keys()).doesNotContain(Keys.approvals(p), Keys.approvalRequests(p));
        }
    }

    @Test
    void aRetryOfTheRunAsksAgain() {
        String id = begin(T0);
        Run failed = take(id, failure());
        assertThat(failed.status().word()).isEqualTo("failed");
        assertThat(open(9)).isEmpty();
        take(id, new Event.RetryRequested(T0.plusSeconds(5)));
        assertThat(open(9)).containsExactly(id);
    }

    private static Event failure() {
        var problem = dev.sluice.workflow.Problem.of(dev.sluice.workflow.Code.SL4003, "x");
        return new Event.StepFailed(
                "/do/0/both/fork/branches/1/work", 1, problem, dev.sluice.workflow.Usage.NONE, T0, T0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50})
    void theNewestComeFirstAPageAtATime(int limit) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 12; i++) ids.add(begin(T0.plusSeconds(i)));
        assertThat(open(limit)).isEqualTo(ids.reversed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1_", "_a", "1_a b"})
    void whatIsNotACursorIsRefused(String cursor) {
        assertThatThrownBy(() -> store.approvals.page(Optional.of(cursor), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theRunCountsItsVisitsOnce() {
        String id = begin(T0);
        assertThat(store.runs.size(id).visits()).isEqualTo(3);
        take(id, failure());
        take(id, new Event.RetryRequested(T0));
        assertThat(store.runs.size(id).visits()).isEqualTo(3);
    }

    @Test
    void anEventUnderANameIsTakenOnceAndItsNoteIsKept() {
        String id = begin(T0);
        var once = new Runs.Once("n", Duration.ofDays(2), "by Ada");
        assertThat(store.runs.noted(id, "n")).isEmpty();
        assertThat(store.runs.post(id, new Event.PauseRequested(T0), once)).isEqualTo(Runs.Posting.POSTED);
        var again = new Runs.Once("n", Duration.ofDays(2), "by Bo");
        assertThat(store.runs.post(id, new Event.PauseRequested(T0), again)).isEqualTo(Runs.Posting.REPEATED);
        assertThat(store.runs.noted(id, "n")).contains("by Ada");
        assertThat(store.runs.noted("no run", "n")).isEmpty();
    }
}
