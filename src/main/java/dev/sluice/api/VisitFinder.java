package dev.sluice.api;

import dev.sluice.store.Runs;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Machine.Rewound;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Visit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the moment before a step was entered. */
final class VisitFinder {
    /** 1,000 entries a reply: some hundred KB. */
    private static final int ENTRIES = 1_000;

    /** Three: enough to see what the others look like. */
    private static final int SHOWN_MAX = 3;

    private final Runs runs;
    private final Machine machine;

    VisitFinder(Runs runs, Machine machine) {
        this.runs = runs;
        this.machine = machine;
    }

    /** @param step key of the visit; @param transcript of the run */
    record Found(String step, Rewound rewound, List<String> transcript) {
        /** The transcript up to the moment, and what came then. */
        List<String> transcriptWith(String last) {
            var all = new ArrayList<>(transcript.subList(0, rewound.events()));
            all.add(last);
            return all;
        }
    }

    /**
     * @param step key of a visit, or the pointer of a step that was entered once
     * @throws ProblemException SL2020
     */
    Found before(Definition definition, Run run, String step) {
        List<String> transcript = runs.transcript(run.id());
        Optional<Found> exact = rewind(definition, run, transcript, step);
        if (exact.isPresent()) return exact.get();
        Set<String> visits = step.contains("#") ? Set.of() : visits(run.id(), step);
        if (visits.size() > 1) {
            throw refused(
                    run,
                    "was at " + step + " " + visits.size() + " times. Name one of the visits, as "
                            + String.join(
                                    " or ", visits.stream().limit(SHOWN_MAX).toList()));
        }
        return visits.stream()
                .findFirst()
                .flatMap(only -> rewind(definition, run, transcript, only))
                .orElseThrow(() -> refused(
                        run, "was never at '" + step + "'. Name a 'step' that GET /v1/runs/" + run.id() + " shows."));
    }

    private Optional<Found> rewind(Definition definition, Run run, List<String> transcript, String step) {
        return machine.rewind(definition, Runs.accepted(definition, run), runs.events(transcript), step)
                .map(rewound -> new Found(step, rewound, transcript));
    }

    /** The keys of the visits of a step, as the history has them. */
    private Set<String> visits(String run, String pointer) {
        var visits = new LinkedHashSet<String>();
        List<HistoryEntry> page;
        int from = 0;
        do {
            page = runs.history(run, from, ENTRIES);
            page.stream()
                    .filter(entry ->
                            entry.isOfVisit() && Visit.pointerOf(entry.step()).equals(pointer))
                    .forEach(entry -> visits.add(entry.step()));
            from += page.size();
        } while (page.size() == ENTRIES);
        return visits;
    }

    private static ProblemException refused(Run run, String reason) {
        return Problem.of(Code.SL2020, "run " + run.id() + " " + reason).asException();
    }
}
