package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Delivery;
import dev.sluice.queue.Keys;
import dev.sluice.queue.ScheduleKeys;
import dev.sluice.store.Schedules;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulesTest {
    private static final String DO = "\ndo: [ { x: { set: { got: '${ $workflow.input }' } } } ]";
    private static final String WORK = "\ndo: [ { x: { call: f } } ]";
    private static final String HOURLY = "schedule: { cron: '0 * * * *' }" + DO;

    private final Rig rig = new Rig();

    private void deploy(String rest) {
        rig.deploy("w", rest);
        rig.settle();
    }

    private List<String> runs() {
        return rig.runsOf("w");
    }

    private Schedules.Entry entry() {
        return rig.schedules.all().getFirst();
    }

    private Instant next(String kind) {
        return entry().next().get(kind);
    }

    @Test
    void aCronJobRunsAtItsTimesWithAnEmptyInputAndSaysWhy() {
        deploy(HOURLY);
        rig.advance(Duration.ofMinutes(59));
        assertThat(runs()).isEmpty();
        rig.advance(Duration.ofMinutes(1));
        String run = runs().getFirst();
        assertThat(rig.output(run)).isEqualTo(json("{got: {}}"));
        assertThat(rig.store.runs.cause(run)).contains(json("{kind: 'cron', dueAt: '2026-01-01T01:00:00Z'}"));
        assertThat(next("cron")).isEqualTo(T0.plus(Duration.ofHours(2)));
        assertThat(entry().last().get("cron").path("run").asText()).isEqualTo(run);
    }

    @Test
    void anIntervalBeginsWithWaitingAndKeepsItsBeat() {
        deploy("schedule: { every: PT10M }" + DO);
        rig.advance(Duration.ofMinutes(14));
        assertThat(runs()).hasSize(1);
        assertThat(next("every")).isEqualTo(T0.plus(Duration.ofMinutes(20)));
    }

    @Test
    void oneRunMakesUpForAllThatWereMissed() {
        deploy(HOURLY);
        rig.advance(Duration.ofHours(30).plusMinutes(5));
        assertThat(runs()).hasSize(1);
        assertThat(rig.store
                        .runs
                        .cause(runs().getFirst())
                        .orElseThrow()
                        .path("dueAt")
                        .asText())
                .isEqualTo("2026-01-02T06:00:00Z");
        assertThat(next("cron")).isEqualTo(Instant.parse("2026-01-02T07:00:00Z"));
    }

    @Test
    void deployingTheSameScheduleAgainMovesNoDueTime() {
        deploy("schedule: { every: PT10M }" + DO);
        rig.advance(Duration.ofMinutes(4));
        deploy("schedule: { every: PT10M }" + DO);
        deploy("schedule: { every: PT10M }\ndo: [ { other: { set: { a: 1 } } } ]");
        assertThat(next("every")).isEqualTo(T0.plus(Duration.ofMinutes(10)));
    }

    @Test
    void anotherScheduleReplacesTheFormerOneAndNoneEndsIt() {
        deploy("schedule: { every: PT10M }" + DO);
        deploy(HOURLY);
        assertThat(entry().next()).containsOnlyKeys("cron");
        deploy("do: [ { x: { set: { a: 1 } } } ]");
        assertThat(rig.schedules.all()).isEmpty();
        rig.advance(Duration.ofDays(1));
        assertThat(runs()).isEmpty();
    }

    @Test
    void aCrashBetweenStartAndMoveStartsNothingTwice() {
        deploy(HOURLY);
        rig.advance(Duration.ofHours(1));
        // As it was before the due time was moved on.
        rig.store.redis.send(
                Command.ZADD, ScheduleKeys.schedulesDue(), T0.plusSeconds(3600).toEpochMilli(), "cron test.w");
        rig.settle();
        assertThat(runs()).hasSize(1);
        assertThat(next("cron")).isEqualTo(T0.plus(Duration.ofHours(2)));
    }

    @Test
    void aChainBeginsAtOnceAndWaitsForTheEndOfEachRunWhateverTheOutcome() {
        deploy("schedule: { after: PT5M }" + WORK);
        Delivery first = rig.take("f").getFirst();
        rig.advance(Duration.ofHours(1));
        assertThat(runs()).hasSize(1);
        rig.fail(first, Problem.of(Code.SL4012, "no"));
        rig.advance(Duration.ofMinutes(4));
        assertThat(runs()).hasSize(1);
        rig.advance(Duration.ofMinutes(1));
        assertThat(runs()).hasSize(2);
    }

    @Test
    void aChainHasOneLinkAtATimeAcrossDeploymentsAndRepeatedNews() {
        deploy("schedule: { after: PT5M }" + WORK);
        Delivery first = rig.take("f").getFirst();
        deploy("schedule: { after: PT7M }" + WORK);
        assertThat(runs()).hasSize(1);
        rig.answer(first, "{}");
        rig.schedules.startAgain("test.w", first.task().run(), rig.clock.instant());
        rig.advance(Duration.ofMinutes(6));
        assertThat(runs()).hasSize(1);
        rig.advance(Duration.ofMinutes(1));
        rig.schedules.startAgain("test.w", first.task().run(), rig.clock.instant());
        rig.advance(Duration.ofHours(1));
        assertThat(runs()).hasSize(2);
    }

    @Test
    void aRunThatSomebodyStartedIsNoLinkOfTheChain() {
        deploy("schedule: { after: PT5M }" + WORK);
        String other = rig.start(rig.definitions.latest("w").orElseThrow(), "{}");
        rig.settle();
        rig.take("f").stream().filter(task -> task.task().run().equals(other)).forEach(task -> rig.answer(task, "{}"));
        rig.advance(Duration.ofHours(1));
        assertThat(runs()).hasSize(2);
    }

    @Test
    void whatFallsIntoAPauseIsNotMadeUpFor() {
        deploy(HOURLY);
        rig.schedules.pause("w");
        rig.advance(Duration.ofHours(5).plusMinutes(30));
        assertThat(runs()).isEmpty();
        assertThat(entry().pausedAt()).contains(T0);
        rig.schedules.resume("w");
        rig.settle();
        assertThat(runs()).isEmpty();
        assertThat(next("cron")).isEqualTo(T0.plus(Duration.ofHours(6)));
    }

    @Test
    void aChainThatIsPausedGoesOnWhenItIsResumed() {
        deploy("schedule: { after: PT5M }" + WORK);
        Delivery first = rig.take("f").getFirst();
        rig.schedules.pause("w");
        rig.answer(first, "{}");
        rig.advance(Duration.ofHours(1));
        assertThat(runs()).hasSize(1);
        rig.schedules.resume("test.w");
        rig.settle();
        assertThat(runs()).hasSize(2);
    }

    @Test
    void aTriggeredRunIsOneMoreThanThoseThatAreDue() {
        deploy(HOURLY);
        String run = rig.schedules.trigger("w");
        rig.settle();
        assertThat(rig.output(run)).isEqualTo(json("{got: {}}"));
        assertThat(next("cron")).isEqualTo(T0.plus(Duration.ofHours(1)));
    }

    @Test
    void onlyAScheduleCanBePausedAndOnlyATimedOneTriggered() {
        deploy(DO);
        assertThatThrownBy(() -> rig.schedules.pause("w")).hasMessageContaining("schedule");
        deploy("schedule: { on: { one: { with: { type: t } } } }" + DO);
        assertThatThrownBy(() -> rig.schedules.trigger("w"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().code()).isEqualTo("SL2031"));
    }

    @Test
    void whatIsNoScheduleIsRefusedWithItsPlace() {
        for (String bad : List.of("cron: 'hourly'", "cron: '0 0 30 2 *'")) refused(bad, "/schedule/cron");
        refused("every: PT0.1S", "/schedule/every");
        refused(
                "on: { all: [ { with: { type: a }, correlate: { x: { from: '.data.x' } } }, { with: { type: b } } ] }",
                "/schedule/on");
        assertThatThrownBy(() -> rig.deploy("w", "input: { schema: { document: { required: [a] } } }\n" + HOURLY))
                .hasMessageContaining("/schedule");
    }

    private void refused(String schedule, String pointer) {
        assertThatThrownBy(() -> rig.deploy("w", "schedule: { " + schedule + " }" + DO))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.findings())
                                .anySatisfy(f -> assertThat(f.pointer()).isEqualTo(pointer)));
    }

    @Test
    void aScheduleThatCannotBeReadDoesNotHideTheOthers() {
        deploy(HOURLY);
        rig.deploy("v", HOURLY);
        rig.store.redis.send(Command.HSET, Keys.workflows(), "test.v", "lost");
        rig.advance(Duration.ofHours(1));
        assertThat(runs()).hasSize(1);
    }

    @Test
    void theRunOfAChainEndsForThePersonWhoCancelsItAndTheChainGoesOn() {
        deploy("schedule: { after: PT5M }" + WORK);
        rig.post(runs().getFirst(), new Event.KillRequested("", rig.clock.instant()));
        rig.advance(Duration.ofMinutes(5));
        assertThat(runs()).hasSize(2);
    }

    private static JsonNode cause(String text) {
        return json(text);
    }

    @Test
    void anEventThatPassesAFilterStartsARunWithItOnce() {
        deploy("schedule: { on: { any: [ { with: { type: a, data: '${ .n > 1 }' } }, { with: { type: 'b.*' } } ] } }"
                + DO);
        rig.publish(event("1", "a", "{n: 1}"));
        rig.publish(event("2", "a", "{n: 2}"));
        rig.publish(event("2", "a", "{n: 2}"));
        rig.publish(event("3", "b.c", "{}"));
        rig.publish(event("4", "c", "{}"));
        assertThat(runs()).hasSize(2);
        assertThat(runs().stream().map(run -> rig.store.runs.cause(run).orElseThrow()))
                .contains(cause("{kind: 'event', events: ['/s\\n2']}"));
        assertThat(rig.output(runs().getFirst())
                        .path("got")
                        .get(0)
                        .path("source")
                        .asText())
                .isEqualTo("/s");
    }

    static String event(String id, String type, String data) {
        return "{specversion: '1.0', source: '/s', id: '" + id + "', type: '" + type + "', data: " + data + "}";
    }
}
