package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.Definitions;
import dev.sluice.store.Runs;
import dev.sluice.store.Starter;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.StepState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts together what is known of one dead letter: its run has the input and the history. */
@ApplicationScoped
class LetterContext {
    /** 4,000 entries from the end of the history: more than one step makes, unless it was tried often. */
    private static final int ENTRIES_TOLD = 4_000;

    private static final int LINES_MAX = 100;

    private final Runs runs;
    private final Definitions definitions;
    private final Starter starter;

    LetterContext(Runs runs, Definitions definitions, Starter starter) {
        this.runs = runs;
        this.definitions = definitions;
        this.starter = starter;
    }

    LetterViews.Context of(DeadLetter letter, Optional<Instant> redrivenAt) {
        var view = LetterViews.Letter.of(letter);
        Instant asked = redrivenAt.orElse(null);
        if (letter.kind() == DeadLetter.Kind.ENTRY) {
            return new LetterViews.Context(view, asked, null, null, null, fields(letter));
        }
        Run run = runs.find(letter.run()).orElse(null);
        if (run == null) return new LetterViews.Context(view, asked, null, null, null, null);
        int from = (int) Math.max(0, runs.size(run.id()).entries() - ENTRIES_TOLD);
        List<HistoryEntry> history = runs.history(run.id(), from, ENTRIES_TOLD);
        return new LetterViews.Context(
                view, asked, input(run, letter), step(run, letter, history), lines(letter, from, history), null);
    }

    private static Map<String, String> fields(DeadLetter letter) {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i + 1 < letter.fields().size(); i += 2) {
            fields.put(letter.fields().get(i), letter.fields().get(i + 1));
        }
        return fields;
    }

    /** Of the step; of the run when it failed as a whole. */
    private static JsonNode input(Run run, DeadLetter letter) {
        return switch (run.steps().get(letter.step())) {
            case StepState.Calling call -> call.arguments().tree();
            case StepState.Open open -> open.visit().input().tree();
            case null, default -> letter.step().isEmpty() ? run.input().tree() : null;
        };
    }

    /** Null without a step, and when the revision is gone. */
    private Views.Step step(Run run, DeadLetter letter, List<HistoryEntry> history) {
        try {
            var definition = definitions.revision(run.workflow(), run.revision());
            return new StepViews(definition, run, history)
                    .views(Map.of(), starter).stream()
                            .filter(step -> step.step().equals(letter.step()))
                            .findFirst()
                            .orElse(null);
        } catch (ProblemException e) {
            if (e.problem().retryable()) throw e;
            return null;
        }
    }

    /** What happened with the step, and with the run as a whole. */
    private static List<Views.HistoryLine> lines(DeadLetter letter, int from, List<HistoryEntry> history) {
        var lines = new ArrayList<Views.HistoryLine>();
        for (int i = 0; i < history.size(); i++) {
            HistoryEntry e = history.get(i);
            if (!e.step().equals(letter.step()) && !e.step().isEmpty()) continue;
            lines.add(new Views.HistoryLine(
                    (long) from + i,
                    e.at(),
                    e.kind().name(),
                    e.step(),
                    e.attempt(),
                    e.startedAt(),
                    e.usage(),
                    e.data().tree()));
        }
        return lines.subList(Math.max(0, lines.size() - LINES_MAX), lines.size());
    }
}
