package dev.sluice.api;

import dev.sluice.inference.Ledger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The calls of models of one run, under the attempts that made them, and what all of them cost. */
final class RunCalls {
    /** 100 of one attempt: it is the view of a run, and {@code /v1/runs/{id}/calls} has them all. */
    static final int SHOWN_MAX = 100;

    /** 200 pages, 200,000 calls: beyond that the cost is that of the first so many. */
    private static final int PAGES_MAX = 200;

    private final List<Views.Step> steps;

    /** By step and attempt. */
    private final Map<String, List<CallViews.Call>> calls = new HashMap<>();

    private CallViews.Cost cost = CallViews.Cost.NOTHING;

    /** @param steps that are shown */
    RunCalls(List<Views.Step> steps) {
        this.steps = steps;
        for (Views.Step step : steps) {
            for (Views.Attempt attempt : step.attempts()) {
                calls.put(name(step.step(), attempt.attempt()), new ArrayList<>());
            }
        }
    }

    static RunCalls read(Ledger ledger, String run, List<Views.Step> steps) {
        var all = new RunCalls(steps);
        for (int page = 0; page < PAGES_MAX; page++) {
            List<Ledger.Entry> lines = ledger.lines(run, page * Ledger.LINES_MAX, Ledger.LINES_MAX);
            lines.forEach(all::add);
            if (lines.size() < Ledger.LINES_MAX) break;
        }
        return all;
    }

    void add(Ledger.Entry line) {
        cost = cost.plus(line);
        List<CallViews.Call> shown = calls.get(name(line.step(), line.attempt()));
        if (shown != null && shown.size() < SHOWN_MAX) shown.add(CallViews.Call.of(line));
    }

    private static String name(String step, int attempt) {
        return step + "|" + attempt;
    }

    /** Exact, whatever of it is shown. */
    CallViews.Cost cost() {
        return cost;
    }

    List<Views.Step> steps() {
        return steps.stream()
                .map(step -> step.with(step.attempts().stream()
                        .map(a -> a.with(calls.get(name(step.step(), a.attempt()))))
                        .toList()))
                .toList();
    }
}
