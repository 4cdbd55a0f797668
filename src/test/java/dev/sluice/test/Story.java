package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a person reads about a run: where it stands, and how it came there. */
final class Story {
    /** 200 characters of data a line: a history is read line by line. */
    private static final int DATA_CHARACTERS_MAX = 200;

    /** 400 lines: of a longer history the last ones say why the run is where it is. */
    private static final int LINES_MAX = 400;

    private Story() {}

    static String of(LiveRun live, World world) {
        List<String> lines = lines(live);
        int left = Math.max(0, lines.size() - LINES_MAX);
        String cut = left == 0 ? "" : "  … " + left + " earlier lines\n";
        return "\n" + where(live) + "\nits history:\n" + cut
                + lines.stream().skip(left).map(line -> "  " + line).collect(Collectors.joining("\n"))
                + "\nnow it is " + world.time.now();
    }

    /** {@code run-1 of test.order is waiting: pause until 2026-01-04T00:00:00Z}. */
    static String where(LiveRun live) {
        String what =
                switch (live.run.state()) {
                    case RunState.Succeeded done -> ": " + done.output();
                    case RunState.Failed failed ->
                        " at " + failed.step() + ": " + failed.problem().oneLine();
                    case RunState.Cancelled cancelled -> ": " + cancelled.reason();
                    case RunState.Accepted s -> waits(live);
                    case RunState.Running s -> waits(live);
                    case RunState.Paused s -> waits(live);
                    case RunState.Cancelling s -> waits(live);
                };
        return live.id() + " of " + live.definition.qualifiedName() + " is "
                + live.run.status().word() + what;
    }

    private static String waits(LiveRun live) {
        List<String> waits = waitingFor(live);
        return waits.isEmpty() ? "" : ": " + String.join("; ", waits);
    }

    /** One line for each step that something outside moves on. */
    static List<String> waitingFor(LiveRun live) {
        var lines = new ArrayList<String>();
        live.run.steps().forEach((key, state) -> {
            if (state instanceof StepState.Leaf leaf) lines.add(key + " " + what(leaf));
        });
        return lines;
    }

    private static String what(StepState.Leaf leaf) {
        return switch (leaf) {
            case StepState.Entering s -> "is about to begin";
            case StepState.Queued s ->
                "waits for its function, attempt " + s.attempts().number();
            case StepState.Backoff s -> "waits until " + s.dueAt() + " for its next attempt";
            case StepState.Deferred s ->
                "waits for the result that its function promised"
                        + s.dueAt().map(at -> ", a sign of life by " + at).orElse("");
            case StepState.Waiting s -> "waits until " + s.dueAt();
            case StepState.Retrying s -> "waits until " + s.dueAt() + " to try again";
            case StepState.Listening s -> "listens for " + topics(s.topics());
            case StepState.AwaitingRun s -> "waits for the run that it started";
            case StepState.AwaitingItems s -> "waits for the next items of its loop";
        };
    }

    private static String topics(List<Topic> topics) {
        return topics.stream()
                .map(topic ->
                        topic.type() + (topic.from().isEmpty() ? "" : " with " + topic.from() + " " + topic.values()))
                .collect(Collectors.joining(", "));
    }

    static List<String> lines(LiveRun live) {
        return live.history.stream().map(entry -> line(live, entry)).toList();
    }

    /** {@code +3d 00:00:05 STEP_SUCCEEDED /do/0/reserve attempt 2 {"ok":true}}. */
    private static String line(LiveRun live, HistoryEntry entry) {
        Duration since = Duration.between(live.run.identity().acceptedAt(), entry.at());
        JsonNode data = entry.data().tree();
        String text = data.isNull() ? "" : " " + data;
        return "+%dd %02d:%02d:%02d %s%s"
                .formatted(
                        since.toDays(),
                        since.toHoursPart(),
                        since.toMinutesPart(),
                        since.toSecondsPart(),
                        plain(entry),
                        cut(text));
    }

    /** Without time and data: {@code STEP_SUCCEEDED /do/0/reserve attempt 2}. */
    static String plain(HistoryEntry entry) {
        return entry.kind()
                + (entry.step().isEmpty() ? "" : " " + entry.step())
                + (entry.attempt() == 0 ? "" : " attempt " + entry.attempt());
    }

    private static String cut(String text) {
        return text.length() <= DATA_CHARACTERS_MAX ? text : text.substring(0, DATA_CHARACTERS_MAX) + "…";
    }
}
