package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is what is read. */
class RunCodecTest {
    private static final JsonNode LARGE = new TextNode("€".repeat(10_000));
    private static final Problem PROBLEM = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofMillis(1_500));

    @TempDir
    private Path directory;

    private RunCodec codec() {
        return new RunCodec(new Payloads(directory));
    }

    private static Run run(RunState state, JsonNode context, Map<String, StepState> steps, long version) {
        var usage = new Usage(version, 2 * version, 3 * version);
        return new Run(
                "r-1", "w", "0123456789abcdef", "a title", T0, state, json("{n: 1}"), context, steps, usage, version);
    }

    private static Run accepted() {
        return run(new RunState.Accepted(), NullNode.instance, Map.of(), 0);
    }

    static Stream<Run> runs() {
        var running = new RunState.Running(T0.plusSeconds(1));
        var steps = new LinkedHashMap<String, StepState>();
        steps.put("/do", new StepState.InSequence(json("{n: 1}"), "/do/0/both"));
        steps.put("/do/0/both", new StepState.InFork(LARGE, 1));
        steps.put("/do/0/both/fork/branches/0/a~1b", new StepState.Joined(LARGE));
        steps.put("/do/0/both/fork/branches/1/ä b", new StepState.Queued(LARGE, json("[1]"), 2));
        return Stream.of(
                accepted(),
                run(running, LARGE, steps, 7),
                run(running, json("{}"), Map.of("/do/0/x", new StepState.Backoff(json("1"), LARGE, 3, T0)), 8),
                run(new RunState.Succeeded(T0, T0.plusSeconds(9), LARGE), json("[]"), Map.of(), 9),
                run(new RunState.Succeeded(T0, T0, NullNode.instance), NullNode.instance, Map.of(), 9),
                run(new RunState.Failed(T0, T0.plusMillis(1), "/do/0/x", PROBLEM), json("[]"), Map.of(), 10),
                run(new RunState.Failed(T0, T0, "", PROBLEM), NullNode.instance, Map.of(), 1));
    }

    /** What {@code start.lua} and {@code commit.lua} make of it. */
    private static Map<String, String> stored(RunCodec codec, Run before, Run after) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("input", "{\"n\":1}");
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
    void aDeltaHoldsOnlyWhatChanged() {
        var running = new RunState.Running(T0);
        var kept = new StepState.Queued(json("1"), json("2"), 1);
        var before = run(running, json("{}"), Map.of("/a", kept, "/b", kept), 1);
        var after = run(running, before.context(), Map.of("/a", kept, "/c", kept), 2);
        var delta = codec().delta(before, after);
        assertThat(delta.set()).hasSize(6).contains("head", "version", "s:/c");
        assertThat(delta.removed()).containsExactly("s:/b");
    }

    @Test
    void everyKindOfHistoryEntryIsTheSameAfterItWasStoredAndLoaded() {
        for (var kind : HistoryEntry.Kind.values()) {
            var entry = new HistoryEntry(T0, kind, "/do/0/ä", 3, T0.minusSeconds(1), new Usage(1, 2, 3), LARGE);
            assertThat(codec().decodeHistory(codec().encode(entry))).isEqualTo(entry);
        }
    }

    static Stream<Event> events() {
        return Stream.of(
                new Event.RunStarted(T0),
                new Event.StepSucceeded("/do/0/ä", 2, LARGE, new Usage(1, 2, 3), T0, T0.plusMillis(7)),
                new Event.StepSucceeded("/do/0/x", 1, NullNode.instance, Usage.NONE, T0, T0),
                new Event.StepFailed("/do/0/x", 2, PROBLEM, new Usage(1, 0, 3), T0, T0),
                new Event.BackoffElapsed("/do/0/x", 2, T0));
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
