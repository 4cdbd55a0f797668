package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Service;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Topic;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import dev.sluice.workflow.Visit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is what is read. */
class RunCodecTest {
    private static final Problem PROBLEM = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofMillis(1_500));

    /** A new one each time: a value remembers where it was stored, and each test has a directory of its own. */
    private static Value large() {
        return Value.of(new TextNode("€".repeat(10_000)));
    }

    @TempDir
    private Path directory;

    private RunCodec codec() {
        var payloads = new Payloads(directory);
        return new RunCodec(payloads, new StepCodec(payloads));
    }

    private static Value value(String json) {
        return Value.of(json(json));
    }

    private static Visit visit(String pointer) {
        return new Visit(pointer, "/do", "3.0", 1, large(), value("{n: 1}"), T0, Optional.of(T0.plusSeconds(5)));
    }

    private static Run run(RunState state, Value context, Map<String, StepState> steps, long version) {
        var usage = new Usage(version, 2 * version, 3 * version);
        var identity = new Run.Identity(
                "r-1",
                "test",
                "w",
                "0123456789abcdef",
                "a title",
                T0,
                version > 8 ? Optional.of(new Run.Parent("r-0", "/do/0/x", 2, true)) : Optional.empty(),
                version > 9 ? "r-9" : "",
                version > 10
                        ? new Service("acme", Priority.LOW, List.of(new Service.Limit("test.w/user=7", 3)))
                        : Service.DEFAULT,
                version > 11 ? Optional.of(T0.plusSeconds(60)) : Optional.empty());
        List<Value> signals = version == 8 ? List.of(value("1"), large()) : List.of();
        Map<String, String> attributes = version > 7 ? Map.of("customer", "ä 1") : Map.of();
        return new Run(
                identity,
                state,
                value("{n: 1}"),
                context,
                steps,
                signals,
                attributes,
                (int) version / 9,
                usage,
                version);
    }

    private static Run accepted() {
        return run(new RunState.Accepted(), Value.NULL, Map.of(), 0);
    }

    private static Map<String, StepState> steps() {
        var attempts = new StepState.Attempts(2, T0, 77, 0);
        var waited = new StepState.Attempts(9, T0, 77, 7);
        var states = List.of(
                new StepState.Entering(visit("/a")),
                new StepState.InSequence(visit("/b"), 3, 2),
                new StepState.InFork(visit("/c"), List.of("/c/1", "/c/2#7"), 1),
                new StepState.Joined(large()),
                new StepState.InFor(visit("/d"), 7, 1_000, large()),
                new StepState.AwaitingItems(visit("/e"), 100, 1_000, large()),
                new StepState.Trying(visit("/f"), 2, T0, Optional.of(T0.plusSeconds(1))),
                new StepState.Trying(visit("/f2"), 2, T0, Optional.empty()),
                new StepState.Retrying(visit("/g"), 2, T0, T0.plusSeconds(1)),
                new StepState.Handling(visit("/h"), large()),
                new StepState.Extended(visit("/i"), -1, Value.NULL, "exit"),
                new StepState.Invoking(visit("/j")),
                new StepState.Queued(visit("/k"), large(), attempts, T0, Optional.empty()),
                new StepState.Queued(visit("/l"), large(), attempts, T0, Optional.of(T0.plusMillis(3))),
                new StepState.Backoff(visit("/m"), value("[1]"), waited, T0),
                new StepState.Deferred(visit("/n"), large(), attempts, Duration.ofSeconds(9), Optional.of(T0)),
                new StepState.Deferred(visit("/o"), large(), attempts, Duration.ZERO, Optional.empty()),
                new StepState.Waiting(visit("/p"), T0),
                new StepState.Listening(
                        visit("/q"),
                        value("[1]"),
                        List.of(0, 2),
                        List.of(1),
                        Map.of("order", json("'a'")),
                        value("[2]"),
                        large(),
                        List.of(new Topic("t", "[\".a\"]", "[1]"), new Topic("*", "", "")),
                        true,
                        true),
                new StepState.AwaitingRun(visit("/r"), large(), 3));
        var steps = new LinkedHashMap<String, StepState>();
        for (StepState state : states) steps.put("/do/" + steps.size() + "/a~1b#7", state);
        return steps;
    }

    static Stream<Run> runs() {
        var running = new RunState.Running(T0.plusSeconds(1));
        return Stream.of(
                accepted(),
                run(running, large(), steps(), 7),
                run(running, value("{}"), Map.of("/do/0/x", new StepState.Waiting(visit("/x"), T0)), 8),
                run(new RunState.Paused(T0, T0.plusSeconds(3)), large(), steps(), 9),
                run(new RunState.Cancelling(T0, "because"), large(), steps(), 9),
                run(new RunState.Succeeded(T0, T0.plusSeconds(9), large()), value("[]"), Map.of(), 9),
                run(new RunState.Succeeded(T0, T0, Value.NULL), Value.NULL, Map.of(), 9),
                run(new RunState.Failed(T0, T0.plusMillis(1), "/do/0/x", PROBLEM), value("[]"), steps(), 10),
                run(new RunState.Failed(T0, T0, "", PROBLEM), Value.NULL, Map.of(), 1),
                run(new RunState.Cancelled(Optional.of(T0), T0, "because"), Value.NULL, Map.of(), 11));
    }

    /** What {@code start.lua} and {@code commit.lua} make of it. */
    private static Map<String, String> stored(RunCodec codec, Run before, Run after) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("input", "{\"n\":1}");
        fields.put("identity", RunHead.encode(before.identity()));
        apply(fields, codec.delta(before, after));
        return fields;
    }

    private static void apply(Map<String, String> fields, RunCodec.Delta delta) {
        for (int i = 0; i < delta.set().size(); i += 2) {
            fields.put(delta.set().get(i), delta.set().get(i + 1));
        }
        delta.removed().forEach(fields::remove);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aRunIsTheSameAfterItWasStoredAndLoaded(Run run) {
        assertThat(codec().decode(stored(codec(), accepted(), run))).isEqualTo(run);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void anyStateFollowsFromAnyOtherByItsDelta(Run after) {
        runs().forEach(before -> {
            var fields = stored(codec(), accepted(), before);
            if (before.state() instanceof RunState.Succeeded) return;
            apply(fields, codec().delta(before, after));
            assertThat(codec().decode(fields)).isEqualTo(after);
        });
    }

    @Test
    void aStepThatWasStoredBeforeWaitsWereCountedHasNone() {
        var steps = new StepCodec(new Payloads(directory));
        var backoff = new StepState.Backoff(visit("/m"), value("1"), new StepState.Attempts(3, T0, 7, 0), T0);
        assertThat(steps.encode(backoff)).doesNotContain("waits");
        assertThat(steps.decode(steps.encode(backoff))).isEqualTo(backoff);
    }

    @Test
    void aDeltaHoldsOnlyWhatChanged() {
        var running = new RunState.Running(T0);
        var kept = new StepState.Waiting(visit("/x"), T0);
        var before = run(running, value("{}"), Map.of("/a", kept, "/b", kept), 1);
        var after = run(running, before.context(), Map.of("/a", kept, "/c", kept), 2);
        var delta = codec().delta(before, after);
        assertThat(delta.set()).hasSize(6).contains("head", "version", "s:/c");
        assertThat(delta.removed()).containsExactly("s:/b");
    }

    @Test
    void everyKindOfHistoryEntryIsTheSameAfterItWasStoredAndLoaded() {
        for (var kind : HistoryEntry.Kind.values()) {
            var entry = new HistoryEntry(T0, kind, "/do/0/ä", 3, T0.minusSeconds(1), new Usage(1, 2, 3), large());
            assertThat(codec().decodeHistory(codec().encode(entry))).isEqualTo(entry);
        }
    }

    static Stream<Event> events() {
        String x = "/do/0/ä#7";
        return Stream.of(
                new Event.RunStarted(T0),
                new Event.StepSucceeded(x, 2, large(), new Usage(1, 2, 3), T0, T0.plusMillis(7)),
                new Event.StepSucceeded(x, 1, Value.NULL, Usage.NONE, T0, T0),
                new Event.StepFailed(x, 2, PROBLEM, new Usage(1, 0, 3), T0, T0),
                new Event.AttemptStarted(x, 2, T0),
                new Event.StepDeferred(x, 2, Duration.ofSeconds(30), new Usage(1, 0, 3), T0),
                new Event.HeartbeatReceived(x, 2, T0),
                new Event.TaskReturned(x, 2, T0),
                new Event.TimerElapsed(Event.Timer.BACKOFF, x, 2, T0),
                new Event.TimerElapsed(Event.Timer.RUN_TIMEOUT, "", 0, T0),
                new Event.ItemsLoaded(x, 3, large(), T0),
                new Event.Continued(x, T0),
                new Event.EventArrived(large(), true, x, T0),
                new Event.EventArrived(value("{}"), false, "", T0),
                new Event.ChildEnded(x, 2, large(), Optional.empty(), T0),
                new Event.ChildEnded(x, 2, Value.NULL, Optional.of(PROBLEM), T0),
                new Event.CancelRequested("because", T0),
                new Event.KillRequested("", T0),
                new Event.PauseRequested(T0),
                new Event.ResumeRequested(T0),
                new Event.RetryRequested(T0),
                new Event.RearmRequested(T0),
                new Event.ResetRequested(x, Optional.of(large()), T0),
                new Event.ResetRequested(x, Optional.empty(), T0),
                new Event.MoveRequested("0123", T0));
    }

    @ParameterizedTest
    @MethodSource("events")
    void anEventIsTheSameAfterItWasSentAndReceived(Event event) {
        var events = new EventCodec(new Payloads(directory));
        var encoded = events.encode(event);
        assertThat(events.decode(encoded.event(), encoded.data())).isEqualTo(event);
    }

    @Test
    void whatIsNotAnEventIsRefused() {
        var events = new EventCodec(new Payloads(directory));
        assertThatThrownBy(() -> events.decode("{}", "")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> events.decode("not json", "")).isInstanceOf(IllegalStateException.class);
    }
}
