package dev.sluice.workflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Effect.ClearTimer;
import dev.sluice.workflow.Effect.SetTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Attempts;
import dev.sluice.workflow.StepState.Backoff;
import dev.sluice.workflow.StepState.Calling;
import dev.sluice.workflow.StepState.Deferred;
import dev.sluice.workflow.StepState.Queued;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The attempts of one call, and their time limits. */
final class Calls {
    private final Work work;

    Calls(Work work) {
        this.work = work;
    }

    void begin(String key, Node.Call call, Visit visit, Scopes scopes) {
        Value arguments =
                Value.of(call.arguments().evaluate(scopes, visit.input().tree()));
        enqueue(key, call, new Queued(visit, arguments, new Attempts(1, work.at, 0, 0), work.at, Optional.empty()));
    }

    void enqueue(String key, Node.Call call, Queued queued) {
        work.steps.put(key, queued);
        int attempt = queued.attempts().number();
        work.effect(new Effect.EnqueueTask(
                key,
                attempt,
                call.function(),
                queued.arguments(),
                work.before.id() + ":" + key,
                call.limits().startToClose().orElse(Duration.ZERO),
                call.limits().needsStart(),
                work.definition.budget().forStep(call.limits().budgetMicros())));
        setLimits(key, queued);
        work.note(HistoryEntry.of(work.at, Kind.TASK_QUEUED, key)
                .attempt(attempt)
                .with(JsonNodeFactory.instance.objectNode().put("function", call.function())));
    }

    private Optional<Instant> startTimeout(Queued queued) {
        return queued.startedAt().isPresent()
                ? Optional.empty()
                : limits(queued).scheduleToStart().map(queued.queuedAt()::plus);
    }

    private Optional<Instant> attemptTimeout(Queued queued) {
        return queued.startedAt().flatMap(at -> limits(queued).startToClose().map(at::plus));
    }

    private Node.Limits limits(Calling calling) {
        return ((Node.Call) work.node(calling)).limits();
    }

    /** @return false when that is known */
    boolean started(Event.AttemptStarted event, Queued queued) {
        if (queued.startedAt().filter(at -> !event.at().isAfter(at)).isPresent()) return false;
        clearLimits(event.step(), queued);
        var running = new Queued(
                queued.visit(), queued.arguments(), queued.attempts(), queued.queuedAt(), Optional.of(event.at()));
        work.steps.put(event.step(), running);
        attemptTimeout(running)
                .ifPresent(at -> work.effect(new SetTimer(at, Timer.ATTEMPT_TIMEOUT, event.step(), event.attempt())));
        return true;
    }

    /** Forgets the timers of the attempt. */
    void clearLimits(String key, Calling calling) {
        int attempt = calling.attempts().number();
        switch (calling) {
            case Queued queued -> {
                startTimeout(queued)
                        .ifPresent(at -> work.effect(new ClearTimer(at, Timer.START_TIMEOUT, key, attempt)));
                attemptTimeout(queued)
                        .ifPresent(at -> work.effect(new ClearTimer(at, Timer.ATTEMPT_TIMEOUT, key, attempt)));
            }
            case Backoff backoff -> work.effect(new ClearTimer(backoff.dueAt(), Timer.BACKOFF, key, attempt));
            case Deferred deferred ->
                deferred.dueAt()
                        .ifPresent(at -> work.effect(new ClearTimer(at, Timer.HEARTBEAT_TIMEOUT, key, attempt)));
        }
    }

    void setLimits(String key, Calling calling) {
        int attempt = calling.attempts().number();
        switch (calling) {
            case Queued queued -> {
                startTimeout(queued).ifPresent(at -> work.effect(new SetTimer(at, Timer.START_TIMEOUT, key, attempt)));
                attemptTimeout(queued)
                        .ifPresent(at -> work.effect(new SetTimer(at, Timer.ATTEMPT_TIMEOUT, key, attempt)));
            }
            case Backoff backoff -> work.effect(new SetTimer(backoff.dueAt(), Timer.BACKOFF, key, attempt));
            case Deferred deferred ->
                deferred.dueAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.HEARTBEAT_TIMEOUT, key, attempt)));
        }
    }

    /** Whether the time limit that has ended is one of the attempt as it stands. */
    boolean isLimit(Event.TimerElapsed event, Calling calling) {
        Optional<Instant> end =
                switch (event.timer()) {
                    case START_TIMEOUT -> calling instanceof Queued queued ? startTimeout(queued) : Optional.empty();
                    case ATTEMPT_TIMEOUT ->
                        calling instanceof Queued queued ? attemptTimeout(queued) : Optional.empty();
                    case HEARTBEAT_TIMEOUT ->
                        calling instanceof Deferred deferred ? deferred.dueAt() : Optional.empty();
                    case BACKOFF, RETRY, WAIT, STEP_TIMEOUT, TRY_TIMEOUT, RUN_TIMEOUT -> Optional.empty();
                };
        return calling.attempts().number() == event.attempt()
                && end.filter(event.at()::equals).isPresent();
    }

    void succeed(Event.StepSucceeded event, Calling calling) {
        clearLimits(event.step(), calling);
        work.usage = work.usage.plus(event.usage());
        work.note(HistoryEntry.of(work.at, Kind.STEP_SUCCEEDED, event.step())
                .attempt(event.attempt())
                .ran(event.startedAt(), event.usage())
                .with(event.output()));
        work.leave(event.step(), event.output());
    }

    void fail(Event.StepFailed event, Calling calling) {
        work.usage = work.usage.plus(event.usage());
        work.note(HistoryEntry.of(work.at, Kind.ATTEMPT_FAILED, event.step())
                .attempt(event.attempt())
                .ran(event.startedAt(), event.usage())
                .with(event.problem().toJson()));
        failed(event.step(), calling, event.problem(), event.usage().costMicros());
    }

    private void failed(String key, Calling calling, Problem problem, long costMicros) {
        clearLimits(key, calling);
        var call = (Node.Call) work.node(calling);
        Attempts paid = calling.attempts().paid(costMicros);
        Attempts attempts = RetryPolicy.isWait(paid, problem) ? paid.waited() : paid;
        RetryPolicy policy = work.machine.retryPolicy();
        boolean again = policy.allows(attempts.counted(), problem, call.limits(), attempts.costMicros());
        if (!again || isLeftToTry(call, calling.visit())) {
            // Kept as it failed: a retry of the run makes the next attempt.
            work.steps.put(key, new Queued(calling.visit(), calling.arguments(), attempts, work.at, Optional.empty()));
            work.faults.raise(key, problem);
            return;
        }
        double chance = Chance.of(work.before.id(), key, attempts.number());
        Instant dueAt = work.at.plus(policy.waitAfter(attempts.counted(), problem, chance));
        work.steps.put(key, new Backoff(calling.visit(), calling.arguments(), attempts, dueAt));
        work.effect(new SetTimer(dueAt, Timer.BACKOFF, key, attempts.number()));
    }

    /** The author has said under {@code catch.retry} what is tried again: nothing is added to it. */
    private boolean isLeftToTry(Node.Call call, Visit visit) {
        if (call.limits().attempts().isPresent()) return false;
        for (String key = visit.parent();
                !key.isEmpty();
                key = work.open(key).visit().parent()) {
            if (work.steps.get(key) instanceof StepState.Trying trying
                    && ((Node.Try) work.node(trying)).caught().retry().isPresent()) return true;
        }
        return false;
    }

    void backoffElapsed(String key, Backoff backoff) {
        enqueue(key, (Node.Call) work.node(backoff), next(backoff));
    }

    private Queued next(Calling calling) {
        return new Queued(
                calling.visit(), calling.arguments(), calling.attempts().next(), work.at, Optional.empty());
    }

    /** A person has the failed run go on: another attempt, whatever the number of those before. */
    void again(String key, Calling calling) {
        enqueue(key, (Node.Call) work.node(calling), next(calling));
    }

    void returned(Event.TaskReturned event, Queued queued) {
        clearLimits(event.step(), queued);
        enqueue(event.step(), (Node.Call) work.node(queued), anew(queued, work.at));
    }

    /** The same attempt, to be asked for once more. */
    static Queued anew(Calling calling, Instant at) {
        return new Queued(calling.visit(), calling.arguments(), calling.attempts(), at, Optional.empty());
    }

    /** The same attempt under the name that the visit has after a reset. Whoever works on it works for the old name. */
    static Calling renamed(Calling calling, int resets, Instant at) {
        Visit visit = calling.visit().renamed(resets);
        if (calling instanceof Backoff backoff) {
            return new Backoff(visit, backoff.arguments(), backoff.attempts(), backoff.dueAt());
        }
        return new Queued(visit, calling.arguments(), calling.attempts(), at, Optional.empty());
    }

    void defer(Event.StepDeferred event, Queued queued) {
        var call = (Node.Call) work.node(queued);
        clearLimits(event.step(), queued);
        work.usage = work.usage.plus(event.usage());
        Duration heartbeat =
                event.heartbeat().isZero() ? call.limits().heartbeat().orElse(Duration.ZERO) : event.heartbeat();
        work.note(HistoryEntry.of(work.at, Kind.STEP_DEFERRED, event.step()).attempt(event.attempt()));
        await(
                event.step(),
                new Deferred(queued.visit(), queued.arguments(), queued.attempts(), heartbeat, dueAt(heartbeat)));
    }

    /** @return false when it gives the function no more time than it has */
    boolean beat(String key, Deferred deferred) {
        Optional<Instant> dueAt = dueAt(deferred.heartbeat());
        if (dueAt.isEmpty()
                || deferred.dueAt().filter(at -> !dueAt.get().isAfter(at)).isPresent()) return false;
        clearLimits(key, deferred);
        await(
                key,
                new Deferred(deferred.visit(), deferred.arguments(), deferred.attempts(), deferred.heartbeat(), dueAt));
        return true;
    }

    private Optional<Instant> dueAt(Duration heartbeat) {
        return heartbeat.isZero() ? Optional.empty() : Optional.of(work.at.plus(heartbeat));
    }

    private void await(String key, Deferred deferred) {
        work.steps.put(key, deferred);
        setLimits(key, deferred);
    }

    /** One of the attempt's time limits has ended. */
    void timedOut(String key, Calling calling, String what) {
        Problem problem =
                Problem.standard(StandardError.TIMEOUT, Code.SL4011, what).retry();
        work.effect(new Effect.AbortTask(key, calling.attempts().number()));
        work.note(HistoryEntry.of(work.at, Kind.ATTEMPT_FAILED, key)
                .attempt(calling.attempts().number())
                .with(problem.toJson()));
        failed(key, calling, problem, 0);
    }
}
