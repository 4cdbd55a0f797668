package dev.sluice.test;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Schedule;
import dev.sluice.workflow.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The deployed workflows, their schedules by time, and what the end of a run leads to. */
final class Shelf {
    /** The next start by the clock. @param kind {@code every} or {@code cron} */
    private record Start(String workflow, String kind) {}

    private final World world;
    private final DefinitionReader reader = new DefinitionReader();
    /** By qualified name; of each its revisions, the newest last. */
    private final Map<String, List<Definition>> workflows = new LinkedHashMap<>();

    Shelf(World world) {
        this.world = world;
    }

    Definition deploy(String source) {
        Definition definition = reader.read(source);
        workflows
                .computeIfAbsent(definition.qualifiedName(), name -> new ArrayList<>())
                .add(definition);
        for (String kind : List.of("every", "cron")) world.time.forget(new Start(definition.qualifiedName(), kind));
        definition.schedule().ifPresent(schedule -> {
            schedule.every().ifPresent(every -> repeat(definition, "every", now -> Optional.of(now.plus(every))));
            schedule.cron().ifPresent(cron -> repeat(definition, "cron", cron::next));
        });
        return definition;
    }

    private void repeat(Definition definition, String kind, Function<Instant, Optional<Instant>> next) {
        next.apply(world.time.now())
                .ifPresent(at -> world.time.plan(at, new Start(definition.qualifiedName(), kind), () -> {
                    repeat(definition, kind, next);
                    startBySchedule(definition);
                }));
    }

    private void startBySchedule(Definition definition) {
        world.start(definition, JsonNodeFactory.instance.objectNode(), null);
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
        live.definition
                .schedule()
                .flatMap(Schedule::after)
                .ifPresent(
                        after -> world.time.plan(world.time.now().plus(after), () -> startBySchedule(live.definition)));
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
