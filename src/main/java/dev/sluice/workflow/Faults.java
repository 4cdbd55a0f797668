package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Effect.ClearTimer;
import dev.sluice.workflow.Effect.SetTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Errors: where they are caught, what is tried again, and what ends the run. */
final class Faults {
    /** Only a {@code catch} that names this type is asked when a person cancels the run. */
    static final String CANCELLED = "urn:sluice:cancelled";

    private final Work work;

    Faults(Work work) {
        this.work = work;
    }

    void begin(String key, Node.Try attempt, Visit visit) {
        work.note(Kind.STEP_ENTERED, key);
        begin(key, attempt, new StepState.Trying(visit, 1, work.at, attemptTimeout(key, attempt, visit)));
    }

    private void begin(String key, Node.Try attempt, StepState.Trying state) {
        work.steps.put(key, state);
        state.attemptTimeoutAt()
                .ifPresent(at -> work.effect(new SetTimer(at, Timer.TRY_TIMEOUT, key, state.attempt())));
        String path = Opening.join(state.visit().path(), state.attempt() - 1);
        work.enter(attempt.body(), key, path, state.visit().input());
    }

    private Optional<Instant> attemptTimeout(String key, Node.Try attempt, Visit visit) {
        return attempt.caught()
                .retry()
                .flatMap(RetryRule::attemptDuration)
                .map(limit -> work.at.plus(work.opening.duration(limit, visit)));
    }

    void endAttempt(String key, StepState.Trying trying) {
        trying.attemptTimeoutAt()
                .ifPresent(at -> work.effect(new ClearTimer(at, Timer.TRY_TIMEOUT, key, trying.attempt())));
    }

    void retry(String key, StepState.Retrying waited) {
        var attempt = (Node.Try) work.node(waited);
        begin(key, attempt, waited.again(attemptTimeout(key, attempt, waited.visit())));
    }

    /** The step fails. Its state stays, for a retry of the run, unless a {@code catch} takes the error. */
    void raise(String step, Problem met) {
        Open failed = work.open(step);
        Problem problem = met.raisedAt(work.node(failed).header().described());
        if (isAroundCleanUp(step)) {
            cleanUpFailed(step, step, problem);
            return;
        }
        String cleanUp = work.state instanceof RunState.Cancelling ? cleanUp(step) : "";
        String failing = step;
        for (String key = failed.visit().parent();
                !key.isEmpty() && !key.equals(cleanUp);
                key = work.open(key).visit().parent()) {
            if (!(work.steps.get(key) instanceof StepState.Trying trying)) continue;
            try {
                if (caught(key, trying, failing, problem)) return;
            } catch (ProblemException inCondition) {
                // It may have given up the steps inside it by then.
                if (!work.steps.containsKey(failing)) failing = key;
                problem = inCondition.problem().raisedAt(trying.visit().pointer());
            }
        }
        if (cleanUp.isEmpty()) failRun(failing, problem);
        else cleanUpFailed(cleanUp, failing, problem);
    }

    private boolean caught(String key, StepState.Trying trying, String step, Problem problem) {
        if (!catches((Node.Try) work.node(trying), trying, problem)) return false;
        work.note(HistoryEntry.of(work.at, Kind.STEP_FAILED, step).with(problem.toJson()));
        noteFailed(step, key);
        handle(key, trying, problem);
        return true;
    }

    /** With a step those around it fail, up to the {@code try}; what else is inside it is given up. */
    private void noteFailed(String step, String key) {
        for (String each = step;
                !each.equals(key);
                each = work.open(each).visit().parent()) {
            if (!each.equals(step) && work.scoping.isShown(work.node(work.open(each))))
                work.note(Kind.STEP_FAILED, each);
            work.failed.add(each);
        }
    }

    private boolean catches(Node.Try attempt, StepState.Trying trying, Problem problem) {
        Node.Catch caught = attempt.caught();
        if (!matches(caught.filter(), problem)) return false;
        Scopes scopes = work.scoping.of(trying.visit()).with(caught.as(), problem.toError());
        JsonNode input = trying.visit().input().tree();
        return (caught.when().isEmpty() || caught.when().get().test(scopes, input))
                && (caught.exceptWhen().isEmpty() || !caught.exceptWhen().get().test(scopes, input));
    }

    private static boolean matches(JsonNode filter, Problem problem) {
        JsonNode error = problem.toError();
        for (var member : filter.properties()) {
            // The schema calls it details, the error itself has detail.
            String name = member.getKey().equals("details") ? "detail" : member.getKey();
            JsonNode actual = error.path(name);
            String wanted = member.getValue().asText();
            boolean same = name.equals("type")
                    ? StandardError.canonical(wanted).equals(StandardError.canonical(actual.asText()))
                    : wanted.equals(actual.asText());
            if (!same) return false;
        }
        return true;
    }

    private void handle(String key, StepState.Trying trying, Problem problem) {
        var attempt = (Node.Try) work.node(trying);
        endAttempt(key, trying);
        work.cancelInside(key);
        Optional<Duration> wait = waitBeforeRetry(key, attempt, trying, problem);
        if (wait.isPresent()) {
            work.note(HistoryEntry.of(work.at, Kind.TRY_RETRIED, key)
                    .attempt(trying.attempt())
                    .with(problem.toError()));
            Instant dueAt = work.at.plus(wait.get());
            work.steps.put(key, new StepState.Retrying(trying.visit(), trying.attempt(), trying.startedAt(), dueAt));
            if (wait.get().isZero()) retry(key, (StepState.Retrying) work.steps.get(key));
            else work.effect(new SetTimer(dueAt, Timer.RETRY, key, trying.attempt()));
            return;
        }
        Node.Catch caught = attempt.caught();
        if (caught.handler().isPresent()) {
            work.note(HistoryEntry.of(work.at, Kind.ERROR_CAUGHT, key).with(problem.toError()));
            handle(key, caught.handler().get(), trying.visit(), problem);
        } else if (caught.retry().isPresent()) {
            // Begun again as often as it may be, and nobody says what else to do.
            work.steps.put(key, new StepState.Entering(trying.visit()));
            raise(key, problem);
        } else {
            work.note(HistoryEntry.of(work.at, Kind.ERROR_CAUGHT, key).with(problem.toError()));
            work.leave(key, trying.visit().input());
        }
    }

    private void handle(String key, Node.Sequence handler, Visit visit, Problem problem) {
        work.steps.put(key, new StepState.Handling(visit, Value.of(problem.toError())));
        work.enter(handler, key, Opening.join(visit.path(), 0), visit.input());
    }

    /** Empty when the {@code try} must not begin again. */
    private Optional<Duration> waitBeforeRetry(String key, Node.Try attempt, StepState.Trying trying, Problem problem) {
        if (attempt.caught().retry().isEmpty()) return Optional.empty();
        RetryRule rule = attempt.caught().retry().get();
        Visit visit = trying.visit();
        Scopes scopes = work.scoping.of(visit).with(attempt.caught().as(), problem.toError());
        JsonNode input = visit.input().tree();
        boolean allowed = trying.attempt() <= rule.retriesMax().orElse(Integer.MAX_VALUE)
                && (rule.when().isEmpty() || rule.when().get().test(scopes, input))
                && (rule.exceptWhen().isEmpty() || !rule.exceptWhen().get().test(scopes, input));
        if (!allowed) return Optional.empty();
        Duration first = rule.delay().map(d -> work.opening.duration(d, visit)).orElse(Duration.ZERO);
        Duration wait = rule.waitAfter(trying.attempt(), first).plus(jitter(rule, key, trying));
        if (problem.retryAfter().compareTo(wait) > 0) wait = problem.retryAfter();
        Optional<Instant> end = rule.duration().map(d -> trying.startedAt().plus(work.opening.duration(d, visit)));
        return end.isPresent() && work.at.plus(wait).isAfter(end.get()) ? Optional.empty() : Optional.of(wait);
    }

    private Duration jitter(RetryRule rule, String key, StepState.Trying trying) {
        if (rule.jitterFrom().isEmpty() || rule.jitterTo().isEmpty()) return Duration.ZERO;
        long from =
                work.opening.duration(rule.jitterFrom().get(), trying.visit()).toMillis();
        long to = work.opening.duration(rule.jitterTo().get(), trying.visit()).toMillis();
        double chance = Chance.of(work.before.id(), key, trying.attempt());
        return Duration.ofMillis(from + Math.round((to - from) * chance));
    }

    /** The steps under {@code catch.do} have finished. */
    void handled(String key, Value output) {
        if (!(work.state instanceof RunState.Cancelling) || !cleanUp(key).equals(key)) {
            work.leave(key, output);
            return;
        }
        work.cancel(key);
        unwind();
    }

    void timedOut(String key, Open open) {
        Problem problem = Problem.standard(
                StandardError.TIMEOUT,
                Code.SL4020,
                "the step had not finished when its timeout ended at "
                        + open.visit().timeoutAt().orElseThrow());
        work.cancelInside(key);
        work.rearming.release(key, open);
        work.steps.put(key, new StepState.Entering(open.visit()));
        raise(key, problem);
    }

    void attemptTimedOut(String key, StepState.Trying trying) {
        Problem problem = Problem.standard(
                        StandardError.TIMEOUT,
                        Code.SL4020,
                        "attempt " + trying.attempt() + " had not finished when its time had run out")
                .raisedAt(trying.visit().pointer());
        work.attempt(key, () -> {
            if (!isAroundCleanUp(key) && catches((Node.Try) work.node(trying), trying, problem)) {
                handle(key, trying, problem);
                return;
            }
            work.cancelInside(key);
            work.steps.put(key, new StepState.Entering(trying.visit()));
            raise(key, problem);
        });
    }

    /** @param step empty when the workflow's own input, output or timeout was at fault */
    void failRun(String step, Problem met) {
        Problem problem = met.raisedAt("");
        work.dropMoves();
        if (!step.isEmpty()) {
            work.note(HistoryEntry.of(work.at, Kind.STEP_FAILED, step).with(problem.toJson()));
            restart(step);
        }
        work.rearming.freeze(step);
        if (!(work.state instanceof RunState.Running running)) return;
        work.closing.clearRunTimer();
        work.state = running.fail(step, problem, work.at);
        work.note(HistoryEntry.of(work.at, Kind.RUN_FAILED, "").with(problem.toJson()));
    }

    /**
     * What nothing outside would move on begins anew when a person has the run go on: a step that holds others and
     * failed by itself, and one that had all its events.
     */
    private void restart(String step) {
        Open failed = work.open(step);
        boolean spent =
                failed instanceof StepState.Listening listening && (listening.ending() || listening.iterating());
        if (failed instanceof StepState.Leaf && !spent) return;
        work.cancelInside(step);
        work.rearming.release(step, failed);
        work.steps.put(step, new StepState.Entering(failed.visit()));
    }

    /**
     * What a cancelled run still has to do: the innermost steps that clean up first, then those around them, and at the
     * end nothing.
     */
    void unwind() {
        if (work.steps.values().stream().anyMatch(StepState.Handling.class::isInstance)) {
            dropAllBut(handling());
            return;
        }
        Problem problem = cancellation();
        List<String> cleaning = work.steps.entrySet().stream()
                .filter(step -> step.getValue() instanceof StepState.Trying trying && cleansUp(trying, problem))
                .map(java.util.Map.Entry::getKey)
                .toList();
        List<String> innermost = cleaning.stream()
                .filter(key -> work.inside(key).stream().noneMatch(cleaning::contains))
                .toList();
        if (innermost.isEmpty()) {
            cancelled();
            return;
        }
        dropAllBut(innermost);
        for (String key : innermost) {
            var trying = (StepState.Trying) work.steps.get(key);
            endAttempt(key, trying);
            work.cancelInside(key);
            handle(key, ((Node.Try) work.node(trying)).caught().handler().orElseThrow(), trying.visit(), problem);
        }
    }

    private List<String> handling() {
        return work.steps.entrySet().stream()
                .filter(step -> step.getValue() instanceof StepState.Handling)
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    private boolean cleansUp(StepState.Trying trying, Problem problem) {
        Node.Catch caught = ((Node.Try) work.node(trying)).caught();
        return caught.handler().isPresent()
                && caught.filter().path("type").asText().equals(CANCELLED)
                && catches((Node.Try) work.node(trying), trying, problem);
    }

    private Problem cancellation() {
        String reason = work.state instanceof RunState.Cancelling cancelling ? cancelling.reason() : "";
        return new Problem(CANCELLED, 499, "", "Cancelled", reason, "", false, Duration.ZERO);
    }

    /** Gives up every step that is neither one of these, nor around nor inside one. */
    private void dropAllBut(List<String> kept) {
        var needed = new HashSet<>(kept);
        for (String key : kept) {
            needed.addAll(work.inside(key));
            for (String around = key;
                    !around.isEmpty();
                    around = work.open(around).visit().parent()) needed.add(around);
        }
        for (String step : List.copyOf(work.steps.keySet())) {
            if (work.steps.get(step) instanceof Open && !needed.contains(step)) work.cancel(step);
        }
    }

    /** Key of the outermost {@code try} around the step, or the step itself, that handles an error. */
    private String cleanUp(String step) {
        String found = "";
        for (String key = step; !key.isEmpty(); key = work.open(key).visit().parent()) {
            if (work.steps.get(key) instanceof StepState.Handling) found = key;
        }
        return found;
    }

    /** Of a cancelled run: kept only because a clean-up goes on inside it. Its time may run out all the same. */
    private boolean isAroundCleanUp(String step) {
        return work.state instanceof RunState.Cancelling && cleanUp(step).isEmpty();
    }

    /** A clean-up that fails must not keep the others from theirs. */
    private void cleanUpFailed(String key, String step, Problem problem) {
        work.note(HistoryEntry.of(work.at, Kind.STEP_FAILED, step).with(problem.toJson()));
        work.cancelInside(key);
        work.cancel(key);
        unwind();
    }

    void cancelled() {
        for (String step : work.steps.keySet().stream().toList()) {
            if (work.steps.get(step) instanceof Open) work.cancel(step);
        }
        work.steps.clear();
        work.dropMoves();
        if (!(work.state instanceof RunState.Cancelling cancelling)) return;
        work.closing.clearRunTimer();
        work.state = cancelling.end(work.at);
        work.note(Kind.RUN_CANCELLED, "", JsonNodeFactory.instance.objectNode().put("reason", cancelling.reason()));
    }
}
