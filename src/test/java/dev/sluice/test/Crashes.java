package dev.sluice.test;

import dev.sluice.workflow.HistoryEntry.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Plays one scenario under every fault, and compares how it comes out. */
final class Crashes {
    /** @param story without times; @param events ids of what was published; @param keys of what functions were asked */
    private record Outcome(String end, List<String> story, List<String> events, TreeSet<String> keys) {}

    private final VirtualSluice.Scenario scenario;

    Crashes(VirtualSluice.Scenario scenario) {
        this.scenario = scenario;
    }

    int play() {
        var undisturbed = new VirtualSluice();
        Outcome expected = outcome(undisturbed);
        List<String> commits = List.copyOf(undisturbed.world.commits);
        for (int boundary = 1; boundary <= commits.size(); boundary++) {
            var crashing = new VirtualSluice();
            crashing.world.crashAfter = boundary;
            String where =
                    "a crash after commit " + boundary + " of " + commits.size() + ", " + commits.get(boundary - 1);
            compare(where, expected, crashing);
        }
        Fault[] faults = Stream.of(Fault.values())
                .filter(fault -> fault != Fault.ANY_ORDER)
                .toArray(Fault[]::new);
        for (Fault fault : faults) compare(fault.name(), expected, new VirtualSluice().inject(fault));
        compare("all faults together", expected, new VirtualSluice().inject(faults));
        return commits.size();
    }

    private Outcome outcome(VirtualSluice sluice) {
        LiveRun live = scenario.play(sluice).live();
        var keys = new TreeSet<String>();
        sluice.calls().forEach(call -> keys.add(call.idempotencyKey()));
        return new Outcome(
                Story.where(live),
                story(live),
                sluice.events().stream().map(event -> event.path("id").asText()).toList(),
                keys);
    }

    /** A paused run gives a task back that was delivered again, so that it is queued again: the same attempt. */
    private static List<String> story(LiveRun live) {
        var queued = new HashSet<String>();
        return live.history.stream()
                .filter(entry -> entry.kind() != Kind.TASK_QUEUED || queued.add(Story.plain(entry)))
                .map(Story::plain)
                .toList();
    }

    private void compare(String disturbance, Outcome expected, VirtualSluice disturbed) {
        Outcome actual;
        try {
            actual = outcome(disturbed);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with " + disturbance + " the scenario does not pass: " + e.getMessage(), e);
        }
        if (actual.equals(expected)) return;
        throw new AssertionError("with " + disturbance + " the run came out differently\nexpected: " + expected
                + "\nbut was:  " + actual);
    }
}
