package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.RetryPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A Sluice inside one test: workflows run on the machine that runs them in production, without Redis and without
 * waiting. Its clock stands still unless the test moves it; whatever can be done without the passing of time has been
 * done when a method returns. Everything happens in the calling thread, in the same order whenever the test runs.
 *
 * <p>{@link SluiceExtension} makes a new one for each test method.
 */
public final class VirtualSluice {
    /** When every test begins, unless it says otherwise. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** How long a function has for an answer when its step does not say: as the dispatcher has it. */
    public static final Duration FUNCTION_TIMEOUT = Duration.ofMinutes(10);

    /** 10 years: what has not ended then never will. */
    private static final Duration END_MAX = Duration.ofDays(3_650);

    final World world;

    /** With the retry policy that Sluice has by default. */
    public VirtualSluice() {
        this(START, RetryPolicy.DEFAULT);
    }

    /** @param policy of calls whose step does not say otherwise */
    public VirtualSluice(Instant start, RetryPolicy policy) {
        this.world = new World(start, policy);
    }

    /**
     * Deploys a workflow; one of the same name is replaced for runs that start from now on.
     *
     * @param source the document, YAML or JSON
     * @throws dev.sluice.workflow.ProblemException SL3001 or SL3002 with all that is wrong with it
     */
    public Deployed deploy(String source) {
        Definition definition = world.shelf.deploy(source);
        world.settle();
        return new Deployed(this, definition);
    }

    /** Deploys the workflow in a file. */
    public Deployed deploy(Path file) {
        try {
            return deploy(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the workflow " + file.toAbsolutePath(), e);
        }
    }

    /** Says what a function answers; what was said before is forgotten. A function without a script fails the test. */
    public FunctionScript function(String name) {
        return world.functions.script(name);
    }

    /** Says what a model answers to functions that ask by {@link Call#ask}. */
    public ModelScript model(String name) {
        return world.models.script(name);
    }

    /** Gives {@code $secrets.<name>} its value. */
    public VirtualSluice secret(String name, JsonNode value) {
        world.secrets.put(name, value);
        return this;
    }

    /** Has all these faults happen from now on, {@link Fault#ANY_ORDER} with the seed 1. */
    public VirtualSluice inject(Fault... faults) {
        for (Fault fault : faults) world.inject(fault, 1);
        return this;
    }

    /** @param seed another one gives another order */
    public VirtualSluice injectAnyOrder(long seed) {
        world.inject(Fault.ANY_ORDER, seed);
        return this;
    }

    public Instant now() {
        return world.time.now();
    }

    /** Lets time pass: timers, schedules and answers come due in their order. */
    public void advance(Duration time) {
        world.runUntil(now().plus(time));
    }

    /** Lets time pass until {@code moment}; nothing happens when it is in the past. */
    public void advanceTo(Instant moment) {
        world.runUntil(moment);
    }

    /**
     * Sends a CloudEvent: to runs that listen for it, and to workflows that it starts.
     *
     * @param event in the JSON event format; what it lacks of the required attributes is added
     */
    public void send(JsonNode event) {
        world.routing.publish(world.routing.complete(event), null);
        world.settle();
    }

    /** Sends a CloudEvent. @param data JSON, see {@link Json#json} */
    public void send(String type, String data) {
        send(world.routing.event(type, Json.json(data)));
    }

    /** All runs, in the order of their start; children, too. */
    public List<RunUnderTest> runs() {
        return world.runs.values().stream()
                .map(live -> new RunUnderTest(this, live))
                .toList();
    }

    /** Every delivery of a task to a function, in order. */
    public List<Call> calls() {
        return List.copyOf(world.functions.calls);
    }

    /** The deliveries to one function, in order. */
    public List<Call> calls(String function) {
        return world.functions.calls.stream()
                .filter(call -> call.function().equals(function))
                .toList();
    }

    /** The last delivery to a function. @throws AssertionError when there was none */
    public Call lastCall(String function) {
        List<Call> calls = calls(function);
        if (calls.isEmpty()) throw new AssertionError("the function '" + function + "' was never called");
        return calls.getLast();
    }

    /** Every CloudEvent that was published, by runs and by the test, in order. */
    public List<JsonNode> events() {
        return world.routing.published.stream().map(Routing.Published::event).toList();
    }

    /**
     * The result of a deferred call, or a late one of any other call. Refused by nobody: a late or second result
     * changes nothing.
     */
    public void result(Call call, Answer answer) {
        world.functions.plan(world.runs.get(call.run()), call, answer, answer.takes);
        world.settle();
    }

    /** A deferred call tells that it is alive. */
    public void heartbeat(Call call) {
        world.functions.beat(world.runs.get(call.run()), call);
        world.settle();
    }

    /** Whether the connection of this call was closed, because its answer was not wanted any more. */
    public boolean isAborted(Call call) {
        return world.functions.isAborted(call);
    }

    /**
     * Proves that a run survives a crash at every step boundary. Plays the scenario undisturbed, then once for each
     * commit with a crash right after it, then once for each {@link Fault} but {@link Fault#ANY_ORDER}, and once with
     * all of them. Each time the run must end the same way, with the same history, the same published events and the
     * same idempotency keys.
     *
     * <p>The time it takes grows with the square of the number of events: use short scenarios.
     *
     * @return the number of boundaries
     * @throws AssertionError naming the boundary or fault after which the run came out differently
     */
    public static int crashAtEveryStep(Scenario scenario) {
        return new Crashes(scenario).play();
    }

    /** Deploys, scripts and starts in the Sluice that it is given. Must do the same each time. */
    @FunctionalInterface
    public interface Scenario {
        RunUnderTest play(VirtualSluice sluice);
    }

    Instant endMax() {
        return now().plus(END_MAX);
    }
}
