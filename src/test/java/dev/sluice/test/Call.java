package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Visit;
import java.time.Instant;

/** One delivery of a task to a function: what it was asked, and by which attempt of which step. */
public final class Call {
    /** What makes two deliveries the same attempt. */
    record Id(String run, String step, int attempt) {}

    private final Id id;
    private final String function;
    private final JsonNode arguments;
    private final String idempotencyKey;
    private final Instant at;
    private final boolean again;
    private final ModelScripts models;
    private Usage used = Usage.NONE;

    Call(
            Id id,
            String function,
            JsonNode arguments,
            String idempotencyKey,
            Instant at,
            boolean again,
            ModelScripts models) {
        this.id = id;
        this.function = function;
        this.arguments = arguments;
        this.idempotencyKey = idempotencyKey;
        this.at = at;
        this.again = again;
        this.models = models;
    }

    Id id() {
        return id;
    }

    /** Id of the run that called. */
    public String run() {
        return id.run();
    }

    /** Key of the visit, for example {@code /do/0/reserve} or {@code /do/1/each/do/0/reserve#7}. */
    public String step() {
        return id.step();
    }

    /** Name of the step in the document. */
    public String stepName() {
        return Steps.name(Visit.pointerOf(id.step()));
    }

    /** Counted from 1. */
    public int attempt() {
        return id.attempt();
    }

    public String function() {
        return function;
    }

    /** What stands under {@code with}, evaluated. */
    public JsonNode arguments() {
        return arguments;
    }

    /** The same for every attempt of one visit: by it a function does its effect once. */
    public String idempotencyKey() {
        return idempotencyKey;
    }

    public Instant at() {
        return at;
    }

    /** True when the same attempt was delivered before: injected by a {@link Fault}, or after a repair. */
    public boolean isRepeated() {
        return again;
    }

    /**
     * Asks a scripted model, as a function of the real world would. What it uses is added to the call's answer, also
     * when the answer is a failure.
     *
     * @throws AssertionError when {@link VirtualSluice#model} has not been told what that model says
     * @throws dev.sluice.workflow.ProblemException what the script says the model fails with; a function that does not
     *     catch it fails with it
     */
    public String ask(String model, String prompt) {
        ModelScript.Said said = models.ask(model, prompt, id);
        used = used.plus(said.usage());
        return said.text();
    }

    Usage used() {
        return used;
    }

    @Override
    public String toString() {
        return function + " " + arguments + " by " + id.step() + " attempt " + id.attempt();
    }
}
