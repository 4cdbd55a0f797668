package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.StepState.Open;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides; never does. No clock, no I/O, no logging: the same definition, run and event always give the same
 * transition. An event that is late, repeated or about a step that is not under way changes nothing.
 */
public final class Machine {
    /** 200: a line in a list; the title travels with every published change of the run. */
    private static final int TITLE_CHARACTERS_MAX = 200;

    private final RetryPolicy retryPolicy;
    private final Secrets secrets;

    public Machine(RetryPolicy retryPolicy, Secrets secrets) {
        this.retryPolicy = retryPolicy;
        this.secrets = secrets;
    }

    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    Secrets secrets() {
        return secrets;
    }

    /**
     * A run as it is when it is accepted.
     *
     * @param input any JSON; whether it matches the workflow's schema is checked by {@link Definition#checkInput}
     * @throws ProblemException SL3004 when the workflow's queue terms give no tenant or limit for this input
     */
    public static Run accept(
            Definition definition, String id, JsonNode input, Optional<Run.Parent> parent, Instant at) {
        return accept(definition, id, input, parent, Service.Asked.NOTHING, at);
    }

    /** As above, served as the one who starts it asked for. */
    public static Run accept(
            Definition definition,
            String id,
            JsonNode input,
            Optional<Run.Parent> parent,
            Service.Asked asked,
            Instant at) {
        Service service = Serving.of(definition, Scopes.at(at), input, asked);
        return accept(definition, id, input, parent, service, asked.startsAt(), at);
    }

    /** The run as it was when it was accepted, served as it is: that is settled once. Nothing fails. */
    public static Run acceptedAgain(Definition definition, Run run) {
        Run.Identity identity = run.identity();
        return accept(
                definition,
                run.id(),
                run.input().tree(),
                identity.parent(),
                identity.service(),
                identity.startsAt(),
                identity.acceptedAt());
    }

    private static Run accept(
            Definition definition,
            String id,
            JsonNode input,
            Optional<Run.Parent> parent,
            Service service,
            Optional<Instant> startsAt,
            Instant at) {
        Scopes scopes = Scopes.at(at);
        String title = definition
                .runTitle()
                .map(t -> text(t, definition, scopes, input))
                .orElse("");
        var identity = new Run.Identity(
                id,
                definition.namespace(),
                definition.name(),
                definition.revision(),
                title,
                at,
                parent,
                "",
                service,
                startsAt.map(starts -> starts.truncatedTo(ChronoUnit.MILLIS)));
        return new Run(
                identity,
                new RunState.Accepted(),
                Value.of(input),
                Value.NULL,
                Map.of(),
                List.of(),
                attributes(definition, scopes, input),
                0,
                Usage.NONE,
                0);
    }

    private static Map<String, String> attributes(Definition definition, Scopes scopes, JsonNode input) {
        var attributes = new LinkedHashMap<String, String>();
        definition.attributes().forEach((name, template) -> {
            String value = text(template, definition, scopes, input);
            if (!value.isEmpty()) attributes.put(name, value);
        });
        return attributes;
    }

    /** An expression that fails gives nothing; the run itself will fail at the same place, with the reason. */
    private static String text(Template template, Definition definition, Scopes scopes, JsonNode raw) {
        try {
            JsonNode value = Serving.onInput(template, definition, scopes, raw);
            return value.isValueNode() && !value.isNull() ? attribute(value) : "";
        } catch (ProblemException e) {
            return "";
        }
    }

    /** A search attribute or title: one line of text. */
    static String attribute(JsonNode value) {
        String words = value.isValueNode() ? value.asText() : value.toString();
        return words.length() <= TITLE_CHARACTERS_MAX ? words : words.substring(0, TITLE_CHARACTERS_MAX) + "…";
    }

    /** @param definition the revision that {@code run} is pinned to */
    public Transition advance(Definition definition, Run run, Event event) {
        if (run.state() instanceof RunState.Paused && !Control.reachesPaused(event)) {
            return new Transition(run, List.of(new Effect.Hold()), List.of());
        }
        var work = new Work(definition, this, run, event.at());
        return Events.take(work, event) ? work.settle() : Transition.nothing(run);
    }

    /**
     * Ends a run that cannot go on because of a defect, so that a person sees it. Nothing happens to a run that has
     * ended.
     */
    public Transition abort(Run run, Problem problem, Instant at) {
        if (run.status().isFinal()) return Transition.nothing(run);
        // Ending a run takes no definition, and a definition that is lost or unreadable may be the defect.
        return Control.abort(run, problem, at);
    }

    /**
     * The run as it was right before {@code step} was entered: its events are taken in again. Nothing outside is asked
     * for again, and the run is as the events left it.
     *
     * @param accepted as {@link #accept} made it
     * @param events all that the run took in, in their order
     * @param step key of the visit
     * @return empty when the step was never entered, or given up by what began together with it
     */
    public Optional<Rewound> rewind(Definition definition, Run accepted, List<Event> events, String step) {
        return new Rewinding(this, definition, accepted).to(step, events);
    }

    /** @param items of the loops that are under way; @param events how many of the events led there */
    public record Rewound(Run run, List<Effect.KeepItems> items, int events) {}

    /** Takes a run back to where {@link #rewind} left it; what was under way is given up. */
    public Transition reset(Definition definition, Run run, Rewound target, Event.ResetRequested event) {
        return Control.reset(new Work(definition, this, run, event.at()), target, event);
    }

    /**
     * A new run that begins where {@link #rewind} left another one. It is woken by {@link Event.RearmRequested}.
     *
     * @param event as for {@link #reset}; stands in the new run's transcript, after the other run's
     */
    public static Run fork(Rewound source, Event.ResetRequested event, String id) {
        return Control.fork(source.run(), event, id);
    }

    /**
     * A new run of the same workflow from its very beginning, as {@link #accept} makes one.
     *
     * @throws ProblemException SL3004
     */
    public static Run forkFromStart(Definition definition, Run source, JsonNode input, String id, Instant at) {
        var served = Service.Asked.like(source.identity().service());
        Run run = accept(definition, id, input, Optional.empty(), served, at);
        return new Run(
                run.identity().forkedFrom(source.id()),
                run.state(),
                run.input(),
                run.context(),
                run.steps(),
                run.signals(),
                run.attributes(),
                run.resets(),
                run.usage(),
                run.version());
    }

    /**
     * Puts a run on another revision of its workflow.
     *
     * @throws ProblemException SL2021 when a step under way does not exist there or is of another kind
     */
    public Transition move(Definition from, Definition to, Run run, Event.MoveRequested event) {
        return Control.move(new Work(from, this, run, event.at()), to);
    }

    /** Whether the run, which has not ended, has lost nothing by itself: something is there that will wake it. */
    public static boolean waitsForSomething(Run run) {
        return run.state() instanceof RunState.Accepted
                || run.state() instanceof RunState.Paused
                || run.steps().values().stream().anyMatch(StepState.Leaf.class::isInstance);
    }

    /**
     * What outside of the run wakes its steps, as the effects that make it. Steps that wait for an event in the run's
     * own inbox, {@link StepState.Entering} and {@link StepState.AwaitingItems}, have none here.
     *
     * @param run under way
     * @throws ProblemException when an expression fails that gives a time limit
     */
    public List<Effect> wakeups(Definition definition, Run run) {
        var work = new Work(definition, this, run, run.identity().acceptedAt());
        work.rearming.armOutside();
        return work.settle().effects().stream()
                .filter(effect -> !(effect instanceof Effect.LoadItems))
                .toList();
    }

    /** Keys of the steps under way that something outside moves on. */
    public static List<String> leaves(Run run) {
        return run.steps().entrySet().stream()
                .filter(step -> step.getValue() instanceof StepState.Leaf)
                .map(Map.Entry::getKey)
                .toList();
    }

    static Optional<Open> open(Run run, String step) {
        return run.steps().get(step) instanceof Open open ? Optional.of(open) : Optional.empty();
    }
}
