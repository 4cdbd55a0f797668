package dev.sluice.workflow;

import dev.sluice.workflow.Effect.ClearTimer;
import dev.sluice.workflow.Effect.SetTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What wakes a step, made and unmade: {@link #arm} and {@link #release} name for every state the same things outside of
 * the run. A step that waits for nothing of the kind is one that never wakes.
 */
final class Rearming {
    private final Work work;

    Rearming(Work work) {
        this.work = work;
    }

    /** Makes anew whatever wakes the run's steps. What is there already is not harmed: it is the same. */
    void armAll() {
        runTimeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.RUN_TIMEOUT, "", 0)));
        for (String key : List.copyOf(work.steps.keySet())) {
            if (work.steps.get(key) instanceof Open open) arm(key, open);
        }
    }

    /** The same for all that is not entered by the run's next event: nothing in the run itself moves. */
    void armOutside() {
        runTimeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.RUN_TIMEOUT, "", 0)));
        for (String key : List.copyOf(work.steps.keySet())) {
            if (work.steps.get(key) instanceof Open open && !(open instanceof StepState.Entering)) arm(key, open);
        }
    }

    private void arm(String key, Open open) {
        open.visit().timeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.STEP_TIMEOUT, key, 0)));
        switch (open) {
            case StepState.Entering entering -> reenter(key, entering.visit());
            case StepState.Queued queued -> {
                work.calls.enqueue(key, (Node.Call) work.node(queued), queued);
                work.calls.setLimits(key, queued);
            }
            case StepState.Calling calling -> work.calls.setLimits(key, calling);
            case StepState.Waiting waiting -> work.effect(new SetTimer(waiting.dueAt(), Timer.WAIT, key, 0));
            case StepState.Retrying retrying ->
                work.effect(new SetTimer(retrying.dueAt(), Timer.RETRY, key, retrying.attempt()));
            case StepState.Trying trying ->
                trying.attemptTimeoutAt()
                        .ifPresent(at -> work.effect(new SetTimer(at, Timer.TRY_TIMEOUT, key, trying.attempt())));
            case StepState.Listening listening -> work.listens.arm(key, listening);
            case StepState.AwaitingRun child ->
                work.effect(Opening.start(key, (Node.RunWorkflow) work.node(child), child));
            case StepState.AwaitingItems items ->
                work.effect(new Effect.LoadItems(key, items.index() / StepState.InFor.CHUNK, work.at));
            case StepState.InSequence holder -> {}
            case StepState.InFork holder -> {}
            case StepState.InFor holder -> {}
            case StepState.Handling holder -> {}
            case StepState.Extended holder -> {}
            case StepState.Invoking holder -> {}
        }
    }

    /** A failed run goes on: what had failed, or was given up with it, is tried once more. */
    void armForRetry() {
        runTimeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.RUN_TIMEOUT, "", 0)));
        for (String key : List.copyOf(work.steps.keySet())) {
            switch (work.steps.get(key)) {
                case StepState.Calling calling -> {
                    armTimeout(key, calling);
                    work.calls.again(key, calling);
                }
                case StepState.AwaitingRun child -> {
                    armTimeout(key, child);
                    var again = new StepState.AwaitingRun(child.visit(), child.arguments(), child.attempt() + 1);
                    work.steps.put(key, again);
                    work.effect(Opening.start(key, (Node.RunWorkflow) work.node(again), again));
                }
                case Open open -> arm(key, open);
                case StepState.Joined joined -> {}
            }
        }
    }

    private void armTimeout(String key, Open open) {
        open.visit().timeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.STEP_TIMEOUT, key, 0)));
    }

    void reenter(String key, Visit visit) {
        work.steps.remove(key);
        visit.timeoutAt().ifPresent(at -> work.effect(new ClearTimer(at, Timer.STEP_TIMEOUT, key, 0)));
        work.enterAgain(visit);
    }

    /** Takes back whatever would wake the step. */
    void release(String key, Open open) {
        clearTimeout(key, open);
        switch (open) {
            case StepState.Calling calling -> {
                work.calls.clearLimits(key, calling);
                if (!(calling instanceof StepState.Backoff)) {
                    work.effect(new Effect.AbortTask(key, calling.attempts().number()));
                }
            }
            case StepState.Waiting waiting -> work.effect(new ClearTimer(waiting.dueAt(), Timer.WAIT, key, 0));
            case StepState.Retrying retrying ->
                work.effect(new ClearTimer(retrying.dueAt(), Timer.RETRY, key, retrying.attempt()));
            case StepState.Trying trying -> work.faults.endAttempt(key, trying);
            case StepState.Listening listening -> work.effect(new Effect.Unsubscribe(key, listening.topics()));
            case StepState.AwaitingRun child -> {
                Effect.ClosePolicy policy = ((Node.RunWorkflow) work.node(child)).closePolicy();
                if (policy != Effect.ClosePolicy.ABANDON) {
                    work.effect(new Effect.EndChild(key, child.attempt(), policy));
                }
            }
            case StepState.InFor loop -> dropItems(key, loop.count());
            case StepState.AwaitingItems loop -> dropItems(key, loop.count());
            case StepState.Entering nothing -> {}
            case StepState.InSequence holder -> {}
            case StepState.InFork holder -> {}
            case StepState.Handling holder -> {}
            case StepState.Extended holder -> {}
            case StepState.Invoking holder -> {}
        }
    }

    private void clearTimeout(String key, Open open) {
        open.visit().timeoutAt().ifPresent(at -> work.effect(new ClearTimer(at, Timer.STEP_TIMEOUT, key, 0)));
    }

    void dropItems(String key, int count) {
        int chunks = (count + StepState.InFor.CHUNK - 1) / StepState.InFor.CHUNK;
        if (chunks > 1) work.effect(new Effect.DropItems(key, chunks));
    }

    /**
     * The run ends with its steps kept for a retry: what would wake them is taken back, but for the items of loops.
     *
     * @param failed key of the step that was the reason
     */
    void freeze(String failed) {
        for (String key : List.copyOf(work.steps.keySet())) {
            if (!(work.steps.get(key) instanceof Open open)) continue;
            boolean loop = open instanceof StepState.InFor || open instanceof StepState.AwaitingItems;
            if (loop) clearTimeout(key, open);
            else release(key, open);
            if (key.equals(failed) || !work.scoping.isShown(work.node(open))) continue;
            work.note(work.inside(key).contains(failed) ? Kind.STEP_FAILED : Kind.STEP_CANCELLED, key);
        }
    }

    /** When the workflow's {@code timeout} ends, counted from the start of the run. */
    Optional<Instant> runTimeoutAt() {
        Instant startedAt =
                switch (work.state) {
                    case RunState.Running running -> running.startedAt();
                    case RunState.Paused paused -> paused.startedAt();
                    case RunState.Cancelling cancelling -> cancelling.startedAt();
                    case RunState.Accepted s -> work.at;
                    case RunState.Succeeded s -> work.at;
                    case RunState.Failed s -> work.at;
                    case RunState.Cancelled s -> work.at;
                };
        return work.definition.timeout().map(template -> {
            Duration after = Durations.of(template.evaluate(
                    work.scoping.workflow(), work.before.input().tree()));
            return startedAt.plus(after);
        });
    }
}
