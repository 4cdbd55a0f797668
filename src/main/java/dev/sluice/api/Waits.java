package dev.sluice.api;

import dev.sluice.queue.Lines;
import dev.sluice.store.Starter;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Node;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Topic;
import java.time.Instant;
import java.util.List;

/** Says what moves a step on, from its state. */
final class Waits {
    private final Definition definition;
    private final Run run;
    private final Starter starter;

    Waits(Definition definition, Run run, Starter starter) {
        this.definition = definition;
        this.run = run;
        this.starter = starter;
    }

    /**
     * @param inFlightSince when a dispatcher took the task; null when none has
     * @param limited the limit or rate that the task waits for; null when it does for none
     */
    Views.WaitingFor of(String key, StepState.Leaf leaf, Instant inFlightSince, Lines.Wait limited) {
        return switch (leaf) {
            case StepState.Queued s ->
                limited == null || inFlightSince != null ? queued(s, inFlightSince) : limited(s, limited);
            case StepState.Backoff s -> {
                int next = s.attempts().number() + 1;
                int waits = s.attempts().waits();
                String busy =
                        waits == 0 ? "" : "; told to come back later " + waits + (waits == 1 ? " time" : " times");
                yield timed("backoff", "attempt " + next + " begins at " + s.dueAt() + busy, s.dueAt(), s, next);
            }
            case StepState.Deferred s -> deferred(s);
            case StepState.Waiting s -> timed("timer", "waits until " + s.dueAt(), s.dueAt(), s, null);
            case StepState.Retrying s -> {
                int next = s.attempt() + 1;
                String text = "the block failed; attempt " + next + " begins at " + s.dueAt();
                yield timed("retry", text, s.dueAt(), s, next);
            }
            case StepState.Listening s -> listening(s);
            case StepState.AwaitingRun s -> {
                String child = starter.childOf(run.id(), key, s.attempt());
                yield new Views.WaitingFor(
                        "run", "waits for run " + child, timeout(s), s.visit().since(), null, null, s.attempt(), child);
            }
            case StepState.Entering s -> turn("is about to begin", s);
            case StepState.AwaitingItems s -> turn("is reading the next items, from " + s.index() + " on", s);
        };
    }

    private Views.WaitingFor queued(StepState.Queued s, Instant inFlightSince) {
        Instant taken = inFlightSince != null ? inFlightSince : s.startedAt().orElse(null);
        String function = function(s);
        String text = taken == null
                ? "queued for " + function + " since " + s.queuedAt()
                : function + " is at it since " + taken;
        return new Views.WaitingFor(
                "function",
                text,
                timeout(s),
                taken == null ? s.queuedAt() : taken,
                null,
                function,
                s.attempts().number(),
                null);
    }

    private Views.WaitingFor limited(StepState.Queued s, Lines.Wait limited) {
        String function = function(s);
        String text = limited.at().isPresent()
                ? "waits for the rate of " + function + ", until "
                        + limited.at().get()
                : "waits for limit " + limited.limit() + " (" + limited.held() + " of " + limited.max()
                        + " taken) since " + s.queuedAt();
        return new Views.WaitingFor(
                limited.at().isPresent() ? "rate" : "limit",
                text,
                limited.at().orElse(timeout(s)),
                s.queuedAt(),
                null,
                function,
                s.attempts().number(),
                null);
    }

    private Views.WaitingFor deferred(StepState.Deferred s) {
        String beat = s.dueAt()
                .map(at -> "; it must give a sign of life before " + at)
                .orElse("");
        return new Views.WaitingFor(
                "deferred",
                function(s) + " has promised the result for later" + beat,
                s.dueAt().orElse(timeout(s)),
                s.visit().since(),
                null,
                function(s),
                s.attempts().number(),
                null);
    }

    private Views.WaitingFor listening(StepState.Listening s) {
        List<String> types = s.topics().stream().map(Topic::type).distinct().toList();
        boolean person = definition.nodes().get(s.visit().pointer()) instanceof Node.Listen listen
                && listen.approval().isPresent();
        String deadline = s.visit().timeoutAt().map(at -> ", until " + at).orElse("");
        String text = person
                ? "waits for a person to answer" + deadline
                : "waits for an event of type " + String.join(" or ", types) + deadline;
        return new Views.WaitingFor(
                person ? "person" : "event", text, timeout(s), s.visit().since(), types, null, null, null);
    }

    private static Views.WaitingFor timed(
            String kind, String text, Instant until, StepState.Open step, Integer attempt) {
        return new Views.WaitingFor(kind, text, until, step.visit().since(), null, null, attempt, null);
    }

    private static Views.WaitingFor turn(String text, StepState.Open step) {
        return new Views.WaitingFor("turn", text, null, step.visit().since(), null, null, null, null);
    }

    private static Instant timeout(StepState.Open step) {
        return step.visit().timeoutAt().orElse(null);
    }

    private String function(StepState.Calling step) {
        return definition.nodes().get(step.visit().pointer()) instanceof Node.Call call ? call.function() : "";
    }
}
