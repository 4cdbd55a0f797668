package dev.sluice.test;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The deployed workflows, and what the end of a run leads to. */
final class Shelf {
    /** Shared: it reads the schema of the DSL once. */
    private static final DefinitionReader READER = new DefinitionReader();

    private final World world;
    private final Timetable timetable;

    /** By qualified name; of each its revisions, the newest last. */
    private final Map<String, List<Definition>> workflows = new LinkedHashMap<>();

    Shelf(World world) {
        this.world = world;
        this.timetable = new Timetable(world);
    }

    Definition deploy(String source) {
        Definition definition = READER.read(source);
        List<Definition> revisions = workflows.computeIfAbsent(definition.qualifiedName(), name -> new ArrayList<>());
        Definition before = revisions.isEmpty() ? null : revisions.getLast();
        revisions.add(definition);
        timetable.put(before, definition);
        return definition;
    }

    /** @param workflow {@code namespace.name} of one that is deployed */
    Definition latest(String workflow) {
        return workflows.get(workflow).getLast();
    }

    /** The newest revision of each workflow. */
    List<Definition> newest() {
        return workflows.values().stream().map(List::getLast).toList();
    }

    /** @throws AssertionError when this test has not deployed it */
    Definition find(String namespace, String name, String version, String step) {
        return workflows.getOrDefault(namespace + "." + name, List.of()).reversed().stream()
                .filter(each -> version.equals("latest") || version.equals(each.version()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(step + " runs the workflow " + namespace + "." + name
                        + " in version " + version + ", and this test has not deployed it. Deployed: "
                        + workflows.keySet()));
    }

    void ended(LiveRun live) {
        tellParent(live);
        timetable.ended(live);
    }

    void tellParent(LiveRun live) {
        Optional<Run.Parent> parent = live.run.identity().parent();
        if (parent.isEmpty() || !parent.get().await()) return;
        LiveRun.StartedBy by = live.startedBy;
        Value output = live.run.state() instanceof RunState.Succeeded done ? done.output() : Value.NULL;
        world.post(by.parent(), new Event.ChildEnded(by.step(), by.attempt(), output, problem(live), world.time.now()));
    }

    private static Optional<Problem> problem(LiveRun live) {
        if (live.run.state() instanceof RunState.Failed failed) return Optional.of(failed.problem());
        if (live.run.state() instanceof RunState.Cancelled cancelled) {
            return Optional.of(Problem.of(Code.SL4021, "run " + live.id() + " was cancelled: " + cancelled.reason()));
        }
        return Optional.empty();
    }
}
