package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Instant;
import java.util.Map;

/**
 * Decides; never does. No clock, no I/O, no logging: the same definition, run and event always give the same
 * transition. An event that is late, repeated or about a step that is not under way changes nothing.
 */
public final class Machine {
    /** 200: a line in a list; the title travels with every published change of the run. */
    private static final int TITLE_CHARACTERS_MAX = 200;

    private final RetryPolicy retryPolicy;

    public Machine(RetryPolicy retryPolicy) {
        this.retryPolicy = retryPolicy;
    }

    /**
     * A run as it is when it is accepted.
     *
     * @param input any JSON; whether it matches the workflow's schema is checked by {@link Definition#checkInput}
     */
    public static Run accept(Definition definition, String id, JsonNode input, Instant at) {
        var run = new Run(
                id,
                definition.name(),
                definition.revision(),
                "",
                at,
                new RunState.Accepted(),
                input,
                NullNode.instance,
                Map.of(),
                Usage.NONE,
                0);
        return run.titled(title(definition, run));
    }

    /** An expression that fails gives no title; the run itself will fail at the same place, with the reason. */
    private static String title(Definition definition, Run run) {
        if (definition.runTitle().isEmpty()) return "";
        Scopes scopes = Scopes.of(run, definition);
        try {
            JsonNode input = definition.inputFrom().isEmpty()
                    ? run.input()
                    : definition.inputFrom().get().evaluate(scopes, run.input());
            JsonNode title = definition.runTitle().get().evaluate(scopes, input);
            String words = title.isValueNode() && !title.isNull() ? title.asText() : "";
            return words.length() <= TITLE_CHARACTERS_MAX ? words : words.substring(0, TITLE_CHARACTERS_MAX) + "…";
        } catch (ProblemException e) {
            return "";
        }
    }

    /** @param definition the revision that {@code run} is pinned to */
    public Transition advance(Definition definition, Run run, Event event) {
        return switch (event) {
            case Event.RunStarted started
            when run.state() instanceof RunState.Accepted accepted ->
                change(definition, run, event).start(accepted);
            case Event.StepSucceeded done
            when queued(run, done.step(), done.attempt()) instanceof StepState.Queued q ->
                change(definition, run, event).succeed(done, q);
            case Event.StepFailed failed
            when queued(run, failed.step(), failed.attempt()) instanceof StepState.Queued q ->
                change(definition, run, event).fail(failed, q, retryPolicy);
            case Event.BackoffElapsed elapsed
            when backoff(run, elapsed) instanceof StepState.Backoff waited ->
                change(definition, run, event).retry(elapsed.step(), waited);
            case Event.RunStarted repeated -> Transition.nothing(run);
            case Event.StepSucceeded late -> Transition.nothing(run);
            case Event.StepFailed late -> Transition.nothing(run);
            case Event.BackoffElapsed late -> Transition.nothing(run);
        };
    }

    /**
     * Ends a run that cannot go on because of a defect, so that a person sees it. Nothing happens to a run that has
     * ended.
     */
    public Transition abort(Run run, Problem problem, Instant at) {
        if (run.status().isFinal()) return Transition.nothing(run);
        // Ending a run takes no definition, and a definition that is lost or unreadable may be the defect.
        return new Change(null, run, at).abort(problem);
    }

    private static Change change(Definition definition, Run run, Event event) {
        return new Change(definition, run, event.at());
    }

    private static StepState queued(Run run, String step, int attempt) {
        return run.steps().get(step) instanceof StepState.Queued queued && queued.attempt() == attempt ? queued : null;
    }

    private static StepState backoff(Run run, Event.BackoffElapsed event) {
        return run.steps().get(event.step()) instanceof StepState.Backoff backoff
                        && backoff.attempt() == event.attempt()
                ? backoff
                : null;
    }
}
