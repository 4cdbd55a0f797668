package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Approval;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AssertProvider;

/**
 * A run in a {@link VirtualSluice}, as it is at this moment. {@code assertThat(run)} of AssertJ gives a
 * {@link RunAssert}.
 *
 * <p>A step is named by its name in the document ({@code reserve}), by its JSON pointer ({@code /do/0/reserve}), or by
 * the key of one visit ({@code /do/1/each/do/0/reserve#7}: round 7 of a loop, counted from 0).
 */
public final class RunUnderTest implements AssertProvider<RunAssert> {
    private final VirtualSluice sluice;
    private final LiveRun live;

    RunUnderTest(VirtualSluice sluice, LiveRun live) {
        this.sluice = sluice;
        this.live = live;
    }

    LiveRun live() {
        return live;
    }

    VirtualSluice sluice() {
        return sluice;
    }

    public String id() {
        return live.id();
    }

    public RunStatus status() {
        return live.run.status();
    }

    /** @throws AssertionError when the run has not succeeded */
    public JsonNode output() {
        if (live.run.state() instanceof RunState.Succeeded done)
            return done.output().tree();
        throw new AssertionError("a run that has not succeeded has no output." + story());
    }

    /** Why the run failed. @throws AssertionError when it has not */
    public Problem problem() {
        if (live.run.state() instanceof RunState.Failed failed) return failed.problem();
        throw new AssertionError("a run that has not failed has no problem." + story());
    }

    /** {@code $context}: what steps exported; null until one did. */
    public JsonNode context() {
        return live.run.context().tree();
    }

    /** Search attributes. */
    public Map<String, String> attributes() {
        return live.run.attributes();
    }

    /** What the attempts used that the run took in, failed ones included. */
    public Usage usage() {
        return live.run.usage();
    }

    public List<HistoryEntry> history() {
        return List.copyOf(live.history);
    }

    /** Keys of the steps that something outside moves on: a function, a timer, an event, another run. */
    public List<String> waitingSteps() {
        return Machine.leaves(live.run);
    }

    /** Runs that this one started, in the order of their start. */
    public List<RunUnderTest> children() {
        return live.children.values().stream()
                .map(child -> new RunUnderTest(sluice, child))
                .toList();
    }

    /** Deliveries of this run's tasks, in order. */
    public List<Call> calls() {
        return sluice.calls().stream().filter(call -> call.run().equals(id())).toList();
    }

    /** CloudEvents that this run published, in order. */
    public List<JsonNode> emitted() {
        return sluice.world.routing.published.stream()
                .filter(event -> event.by() == live)
                .map(Routing.Published::event)
                .toList();
    }

    /** What a failing assertion shows: where the run stands, and its history. */
    public String story() {
        return Story.of(live, sluice.world);
    }

    /** Lets time pass, for all runs: they have one clock. */
    public RunUnderTest advance(Duration time) {
        sluice.advance(time);
        return this;
    }

    /**
     * Lets time pass until the run has ended.
     *
     * @throws AssertionError when nothing will end it: it waits for an event, a result or a person
     */
    public RunUnderTest runToEnd() {
        var end = sluice.endMax();
        while (!live.hasEnded()) {
            if (!sluice.world.time.next(end)) throw new AssertionError("the run does not end by itself." + story());
        }
        sluice.world.settle();
        return this;
    }

    private RunUnderTest take(Event event) {
        sluice.world.post(live, event);
        sluice.world.settle();
        return this;
    }

    /**
     * Sends this run a CloudEvent of the type {@code name}; when no step listens for it yet, it is kept until one does.
     *
     * @param data JSON, see {@link Json#json}
     */
    public RunUnderTest signal(String name, String data) {
        return arrive("", name, Json.json(data));
    }

    private RunUnderTest arrive(String step, String type, JsonNode data) {
        Value event = Value.of(sluice.world.routing.event(type, data));
        return take(new Event.EventArrived(event, true, step, sluice.now()));
    }

    /**
     * A person answers the last approval that this run asked for and still waits for.
     *
     * @param data JSON, see {@link Json#json}
     * @throws AssertionError when it waits for none
     */
    public RunUnderTest approve(String data) {
        Approval asked = pendingApproval();
        return arrive(asked.step(), asked.answerType(), Json.json(data));
    }

    /**
     * What the run asks a person at this moment.
     *
     * @throws AssertionError when it asks nothing
     */
    public Approval pendingApproval() {
        return emitted().reversed().stream()
                .flatMap(event -> Approval.of(id(), event).stream())
                .filter(asked -> live.run.steps().get(asked.step()) instanceof StepState.Listening)
                .findFirst()
                .orElseThrow(() -> new AssertionError("the run waits for no approval." + story()));
    }

    /** Asks the run to stop and to clean up by {@code catch} of {@code urn:sluice:cancelled}. */
    public RunUnderTest cancel(String reason) {
        return take(new Event.CancelRequested(reason, sluice.now()));
    }

    /** Stops the run without any cleaning up. */
    public RunUnderTest kill(String reason) {
        return take(new Event.KillRequested(reason, sluice.now()));
    }

    public RunUnderTest pause() {
        return take(new Event.PauseRequested(sluice.now()));
    }

    public RunUnderTest resume() {
        return take(new Event.ResumeRequested(sluice.now()));
    }

    /** Has a failed run go on from where it failed. */
    public RunUnderTest retry() {
        return take(new Event.RetryRequested(sluice.now()));
    }

    /** Takes the run back to the moment before the last visit of {@code step}. */
    public RunUnderTest reset(String step) {
        return reset(step, Optional.empty());
    }

    /** The same, with another input of that step. @param input JSON, see {@link Json#json} */
    public RunUnderTest reset(String step, String input) {
        return reset(step, Optional.of(Value.of(Json.json(input))));
    }

    private RunUnderTest reset(String step, Optional<Value> input) {
        var event = new Event.ResetRequested(lastVisit(step), input, sluice.now());
        var transition = sluice.world.machine.reset(live.definition, live.run, before(event.step()), event);
        live.transcript.add(event);
        sluice.world.commit(live, event, transition);
        sluice.world.settle();
        return this;
    }

    /** Begins another run at the moment before the last visit of {@code step}. @param input of that step */
    public RunUnderTest fork(String step, String input) {
        Optional<Value> changed = Optional.of(Value.of(Json.json(input)));
        var event = new Event.ResetRequested(lastVisit(step), changed, sluice.now());
        Machine.Rewound source = before(event.step());
        String id = "run-" + (sluice.world.runs.size() + 1);
        var fork = new LiveRun(live, source.events(), Machine.fork(source, event, id), event);
        source.items().forEach(items -> fork.items.put(items.step(), items.chunks()));
        sluice.world.addFork(fork);
        sluice.world.settle();
        return new RunUnderTest(sluice, fork);
    }

    /** Puts the run on another revision of its workflow. */
    public RunUnderTest moveTo(Deployed other) {
        var event = new Event.MoveRequested(other.definition().revision(), sluice.now());
        var transition = sluice.world.machine.move(live.definition, other.definition(), live.run, event);
        live.definition = other.definition();
        sluice.world.commit(live, event, transition);
        sluice.world.settle();
        return this;
    }

    private Machine.Rewound before(String key) {
        return sluice.world
                .machine
                .rewind(live.definition, live.accepted, live.transcript, key)
                .orElseThrow(() -> new AssertionError("the run was never at " + key + "." + story()));
    }

    private String lastVisit(String step) {
        var keys = new ArrayList<String>();
        live.history.forEach(entry -> {
            if (Steps.isMeant(step, entry.step())) keys.add(entry.step());
        });
        if (keys.isEmpty()) throw new AssertionError("the run was never at " + step + "." + story());
        return keys.getLast();
    }

    /** For AssertJ; a test writes {@code assertThat(run)}. */
    @Override
    public RunAssert assertThat() {
        return new RunAssert(this);
    }

    @Override
    public String toString() {
        return Story.where(live);
    }
}
