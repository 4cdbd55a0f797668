package dev.sluice.test;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Schedule;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Runs that start by the clock, each of the latest revision: an interval begins with waiting, a chain ({@code after})
 * with a run. A schedule that stays as it was when its workflow is deployed again goes on.
 */
final class Timetable {
    private enum Kind {
        EVERY,
        CRON,
        AFTER
    }

    private record Start(String workflow, Kind kind) {}

    private final World world;
    /** The last run that each chain started, by the workflow's name. */
    private final Map<String, LiveRun> chains = new HashMap<>();

    Timetable(World world) {
        this.world = world;
    }

    /** @param before the revision that was the latest; null: none */
    void put(Definition before, Definition latest) {
        boolean same = before != null
                && before.document().path("schedule").equals(latest.document().path("schedule"));
        if (same) return;
        String workflow = latest.qualifiedName();
        for (Kind kind : Kind.values()) world.time.forget(new Start(workflow, kind));
        chains.remove(workflow);
        latest.schedule().ifPresent(schedule -> {
            schedule.every().ifPresent(every -> repeat(workflow, Kind.EVERY, now -> Optional.of(now.plus(every))));
            schedule.cron().ifPresent(cron -> repeat(workflow, Kind.CRON, cron::next));
            schedule.after().ifPresent(after -> chain(workflow, world.time.now()));
        });
    }

    private void repeat(String workflow, Kind kind, Function<Instant, Optional<Instant>> next) {
        next.apply(world.time.now())
                .ifPresent(at -> world.time.plan(at, new Start(workflow, kind), () -> {
                    repeat(workflow, kind, next);
                    start(workflow);
                }));
    }

    private void chain(String workflow, Instant at) {
        world.time.plan(at, new Start(workflow, Kind.AFTER), () -> chains.put(workflow, start(workflow)));
    }

    private LiveRun start(String workflow) {
        return world.start(world.shelf.latest(workflow), JsonNodeFactory.instance.objectNode(), null);
    }

    /** The next link of a chain is due so long after the end of the last one as the latest revision says. */
    void ended(LiveRun live) {
        String workflow = live.definition.qualifiedName();
        if (chains.get(workflow) != live) return;
        world.shelf
                .latest(workflow)
                .schedule()
                .flatMap(Schedule::after)
                .ifPresent(after -> chain(workflow, world.time.now().plus(after)));
    }
}
