package dev.sluice.api;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.Commit;
import dev.sluice.store.RealStore;
import dev.sluice.store.Runs;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.Transition;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Views as the histories of real runs tell them. */
class StepViewsTest {
    private static final String X = "/do/0/x";
    private static final String L = "/do/1/both/fork/branches/0/l";
    private static final String R = "/do/1/both/fork/branches/1/r";

    private final Definition definition = new dev.sluice.workflow.DefinitionReader().read(RealStore.document("w", """
                    do:
                      - x: { call: f }
                      - both: { fork: { branches: [ { l: { call: f } }, { r: { call: g } } ] } }
                      - never: { if: 'false', call: f }
                      - last: { set: { a: '${ .[0].v }' } }
                    """));
    private final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);
    private final List<HistoryEntry> history = new ArrayList<>();
    private Run run = Machine.accept(definition, "r", json("{}"), Optional.empty(), T0);

    private StepViewsTest take(Event event) {
        Transition t = machine.advance(definition, run, event);
        run = t.run();
        history.addAll(t.history());
        return this;
    }

    private StepViewsTest started() {
        return take(new Event.RunStarted(T0));
    }

    private StepViewsTest succeed(String step, int attempt) {
        return take(new Event.StepSucceeded(
                step, attempt, Value.of(json("{v: 1}")), new Usage(1, 2, 3), T0, T0.plusSeconds(2)));
    }

    private StepViewsTest fail(String step, Problem problem) {
        return take(new Event.StepFailed(step, 1, problem, Usage.NONE, T0, T0.plusSeconds(1)));
    }

    private StepViews views() {
        return new StepViews(definition, run, history);
    }

    private List<Views.Step> steps(Map<String, Instant> inFlight) {
        return views().views(inFlight, null);
    }

    private Map<String, String> statuses() {
        return steps(Map.of()).stream().collect(Collectors.toMap(Views.Step::name, Views.Step::status));
    }

    @Test
    void aStepThatNobodyTookYetIsQueued() {
        started();
        assertThat(statuses()).isEqualTo(Map.of("x", "queued"));
        assertThat(views().open()).containsExactly("r|" + X + "|1");
    }

    @Test
    void aStepThatIsWithItsFunctionIsRunningSinceItWasTaken() {
        started();
        var step = steps(Map.of("r|" + X + "|1", T0.plusSeconds(1))).getFirst();
        assertThat(step.status()).isEqualTo("running");
        assertThat(step.attempts().getFirst().startedAt()).isEqualTo(T0.plusSeconds(1));
    }

    @Test
    void aStepThatWaitsForItsNextAttemptIsWaitingAndItsFailureIsTold() {
        started().fail(X, Problem.of(Code.SL4010, "x").retry());
        var step = steps(Map.of()).getFirst();
        assertThat(step.status()).isEqualTo("waiting");
        assertThat(step.attempts()).extracting(Views.Attempt::status).containsExactly("failed");
        assertThat(step.attempts().getFirst().problem().path("code").asText()).isEqualTo("SL4010");
    }

    @Test
    void anAttemptThatSucceededHasItsTimesUsageAndOutput() {
        started().succeed(X, 1);
        var step = steps(Map.of()).getFirst();
        assertThat(step.attempts())
                .containsExactly(new Views.Attempt(1, T0, T0.plusSeconds(2), "succeeded", null, new Usage(1, 2, 3)));
        assertThat(step.output()).isEqualTo(json("{v: 1}"));
        assertThat(step.function()).isEqualTo("f");
    }

    @Test
    void aSucceededRunHasNoStepThatDidNotSucceedAndNoneThatWasSkipped() {
        started().succeed(X, 1).succeed(R, 1).succeed(L, 1);
        assertThat(run.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(statuses().keySet()).containsExactlyInAnyOrder("x", "both", "l", "r", "last");
        assertThat(statuses().values()).containsOnly("succeeded");
        assertThat(views().open()).isEmpty();
    }

    @Test
    void aFailedRunHasNoStepThatSeemsToBeUnderWay() {
        started().succeed(X, 1).fail(L, Problem.of(Code.SL4003, "x"));
        assertThat(statuses()).isEqualTo(Map.of("x", "succeeded", "both", "failed", "l", "failed", "r", "cancelled"));
    }

    @Test
    void anAttemptThatWasGivenUpHasEnded() {
        started().succeed(X, 1).fail(L, Problem.of(Code.SL4003, "x"));
        var given = steps(Map.of()).stream()
                .filter(s -> s.step().equals(R))
                .findFirst()
                .orElseThrow();
        assertThat(given.attempts()).extracting(Views.Attempt::status).containsExactly("cancelled");
        assertThat(given.attempts().getFirst().endedAt()).isEqualTo(T0.plusSeconds(1));
    }

    @Test
    void aStepWhoseExpressionFailedIsFailed() {
        started().succeed(X, 1).succeed(R, 1);
        take(new Event.StepSucceeded(L, 1, Value.of(json("7")), Usage.NONE, T0, T0));
        assertThat(statuses()).containsEntry("last", "failed").doesNotContainValue("running");
    }

    @Test
    void theHistoryThatRedisKeepsTellsTheSame() {
        var store = new RealStore();
        String id = RealStore.runId();
        store.runs.start(definition, id, json("{}"), T0);
        Run before = store.runs.find(id).orElseThrow();
        Transition t = machine.advance(definition, before, new Event.RunStarted(T0));
        var entries = store.redis.inbox.read(P, 9).stream()
                .map(e -> new Commit.Taken(e.entryId(), e.event(), e.data(), Commit.Fate.RECORDED))
                .toList();
        store.commits.commit(
                P,
                store.redis.ownership.take(P).orElseThrow(),
                List.of(new Commit(before, t.run(), t.effects(), t.history(), entries, List.of())));
        Run stored = store.runs.find(id).orElseThrow();
        assertThat(new StepViews(definition, stored, store.runs.history(id, 0, 9)).views(Map.of(), null))
                .isEqualTo(new StepViews(definition, t.run(), t.history()).views(Map.of(), null));
        assertThat(store.runs.size(id)).isEqualTo(new Runs.Size(t.history().size(), 1));
    }
}
