package dev.sluice.workflow;

import dev.sluice.workflow.StepState.Calling;
import dev.sluice.workflow.StepState.Open;

/** Which event means what in which state; every other combination changes nothing. */
final class Events {
    private Events() {}

    /** @return false when the event is late, repeated or about a step that is not under way */
    static boolean take(Work work, Event event) {
        return switch (event) {
            case Event.RunStarted started -> Control.start(work);
            case Event.Request request -> Control.take(work, request);
            case Event.OfAttempt e -> calling(work, e) instanceof Calling call && take(work, e, call);
            case Event.TimerElapsed e -> elapsed(work, e);
            case Event.ItemsLoaded e -> isUnderWay(work) && itemsLoaded(work, e);
            case Event.Continued e -> isUnderWay(work) && continued(work, e);
            case Event.ChildEnded e -> isUnderWay(work) && childEnded(work, e);
            case Event.EventArrived e -> isUnderWay(work) && work.listens.arrived(e);
        };
    }

    private static boolean take(Work work, Event.OfAttempt event, Calling call) {
        switch (event) {
            case Event.StepSucceeded e -> work.calls.succeed(e, call);
            case Event.StepFailed e -> work.calls.fail(e, call);
            case Event.AttemptStarted e -> {
                return call instanceof StepState.Queued queued && work.calls.started(e, queued);
            }
            case Event.HeartbeatReceived e -> {
                return call instanceof StepState.Deferred deferred && work.calls.beat(e.step(), deferred);
            }
            case Event.TaskReturned e -> {
                if (!(call instanceof StepState.Queued queued)) return false;
                work.calls.returned(e, queued);
            }
            case Event.StepDeferred e -> {
                if (!(call instanceof StepState.Queued queued)) return false;
                work.calls.defer(e, queued);
            }
        }
        return true;
    }

    private static boolean isUnderWay(Work work) {
        return work.state instanceof RunState.Running || work.state instanceof RunState.Cancelling;
    }

    /** Null unless this attempt of the call is under way. An attempt that failed is over. */
    private static Calling calling(Work work, Event.OfAttempt event) {
        boolean same = isUnderWay(work)
                && work.steps.get(event.step()) instanceof Calling call
                && !(call instanceof StepState.Backoff)
                && call.attempts().number() == event.attempt();
        return same ? (Calling) work.steps.get(event.step()) : null;
    }

    private static boolean itemsLoaded(Work work, Event.ItemsLoaded event) {
        if (!(work.steps.get(event.step()) instanceof StepState.AwaitingItems waiting)) return false;
        if (waiting.index() / StepState.InFor.CHUNK != event.chunk()) return false;
        work.closing.itemsLoaded(event, waiting);
        return true;
    }

    private static boolean continued(Work work, Event.Continued event) {
        if (!(work.steps.get(event.step()) instanceof StepState.Entering entering)) return false;
        work.rearming.reenter(event.step(), entering.visit());
        return true;
    }

    private static boolean childEnded(Work work, Event.ChildEnded event) {
        if (!(work.steps.get(event.step()) instanceof StepState.AwaitingRun child)) return false;
        if (child.attempt() != event.attempt()) return false;
        if (event.problem().isEmpty()) work.leave(event.step(), event.output());
        else work.faults.raise(event.step(), event.problem().get());
        return true;
    }

    private static boolean elapsed(Work work, Event.TimerElapsed event) {
        if (!isUnderWay(work)) return false;
        String key = event.step();
        if (event.timer() == Event.Timer.RUN_TIMEOUT) return Control.timeOut(work, event.at());
        if (!(work.steps.get(key) instanceof Open open)) return false;
        return switch (event.timer()) {
            case RUN_TIMEOUT -> false;
            case STEP_TIMEOUT -> stepTimedOut(work, event, open);
            case TRY_TIMEOUT -> tryTimedOut(work, event, open);
            case WAIT -> waited(work, event, open);
            case RETRY -> retried(work, event, open);
            case BACKOFF -> backoffElapsed(work, event, open);
            case START_TIMEOUT, ATTEMPT_TIMEOUT, HEARTBEAT_TIMEOUT -> attemptTimedOut(work, event, open);
        };
    }

    private static boolean stepTimedOut(Work work, Event.TimerElapsed event, Open open) {
        if (!open.visit().timeoutAt().filter(event.at()::equals).isPresent()) return false;
        work.faults.timedOut(event.step(), open);
        return true;
    }

    private static boolean tryTimedOut(Work work, Event.TimerElapsed event, Open open) {
        if (!(open instanceof StepState.Trying trying) || trying.attempt() != event.attempt()) return false;
        if (!trying.attemptTimeoutAt().filter(event.at()::equals).isPresent()) return false;
        work.faults.attemptTimedOut(event.step(), trying);
        return true;
    }

    private static boolean waited(Work work, Event.TimerElapsed event, Open open) {
        if (!(open instanceof StepState.Waiting waiting) || !waiting.dueAt().equals(event.at())) return false;
        work.leave(event.step(), waiting.visit().input());
        return true;
    }

    private static boolean retried(Work work, Event.TimerElapsed event, Open open) {
        if (!(open instanceof StepState.Retrying waited) || waited.attempt() != event.attempt()) return false;
        if (!waited.dueAt().equals(event.at())) return false;
        work.attempt(event.step(), () -> work.faults.retry(event.step(), waited));
        return true;
    }

    private static boolean backoffElapsed(Work work, Event.TimerElapsed event, Open open) {
        if (!(open instanceof StepState.Backoff backoff) || backoff.attempts().number() != event.attempt()) {
            return false;
        }
        if (!backoff.dueAt().equals(event.at())) return false;
        work.calls.backoffElapsed(event.step(), backoff);
        return true;
    }

    private static boolean attemptTimedOut(Work work, Event.TimerElapsed event, Open open) {
        if (!(open instanceof Calling calling) || !work.calls.isLimit(event, calling)) return false;
        work.calls.timedOut(event.step(), calling, what(event.timer()));
        return true;
    }

    private static String what(Event.Timer timer) {
        return switch (timer) {
            case START_TIMEOUT -> "no function took the task before its scheduleToStart had run out";
            case HEARTBEAT_TIMEOUT ->
                "the function promised a result and has been silent for longer than its heartbeat";
            default -> "the attempt had no result before its startToClose had run out";
        };
    }
}
