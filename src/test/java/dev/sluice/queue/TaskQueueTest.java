package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
    private static final String LANE = Keys.lane(P, "f");
    private static final Duration LEASE = Duration.ofSeconds(15);

    private final RealRedis redis = RealRedis.empty();
    private final TaskQueue tasks = redis.tasks;

    private List<Delivery> take(String consumer, int count) {
        // Long after the tasks were enqueued: whether somebody waits for them is asked.
        return tasks.take(P, "f", consumer, count, T0.plusSeconds(60), task -> "returned " + task.attemptId());
    }

    private List<Delivery> reclaim(String consumer, int count) {
        return redis.reclaim("f", consumer, count, task -> "");
    }

    @Test
    void aLaneThatNeverWasGivesNothing() {
        assertThat(take("d-1", 9)).isEmpty();
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void tasksAreHandedOutInOrderEachToOneDispatcher() {
        for (int i = 1; i <= 3; i++) redis.addTask("f", "r-" + i, 1);
        var first = take("d-1", 2);
        var second = take("d-2", 2);
        assertThat(first).extracting(d -> d.task().run()).containsExactly("r-1", "r-2");
        assertThat(second).extracting(d -> d.task().run()).containsExactly("r-3");
    }

    @Test
    void aTakenTaskIsPendingUnderALease() {
        redis.addTask("f", "r-1", 2);
        var delivery = take("d-1", 9).getFirst();
        assertThat(delivery.task())
                .isEqualTo(new Task("r-1", "/do/0/x", 2, "f", "{}", T0, "r-1:/do/0/x", Duration.ZERO, false));
        assertThat(delivery.count()).isEqualTo(1);
        assertThat(redis.pending(LANE)).isEqualTo(1);
        assertThat(redis.sorted(Keys.inFlight(P))).hasSize(2).first().isEqualTo(delivery.entryId() + " normal::f");
        assertThat(redis.sweep.look(List.of(P)).expired()).isEmpty();
    }

    @Test
    void theLastTaskOfALaneLeavesNobodyReady() {
        redis.addTask("f", "r-1", 1);
        take("d-1", 9);
        assertThat(redis.send(Command.EXISTS, Keys.ready(P, LaneName.of("f"))).toInteger())
                .isZero();
    }

    @Test
    void aTaskOfARunThatHasEndedIsDroppedAndTheNextOneIsHandedOut() {
        redis.addTask("f", "r-1", 1);
        redis.addTask("f", "r-2", 1);
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.ENDED, "1");
        assertThat(take("d-1", 1)).extracting(d -> d.task().run()).containsExactly("r-2");
        assertThat(redis.length(LANE)).isEqualTo(1);
        assertThat(redis.length(Keys.inbox(P))).isZero();
        assertThat(redis.sorted(Keys.inFlight(P))).hasSize(2);
    }

    @Test
    void aHundredTasksThatNobodyWaitsForDoNotHideTheOneBehindThem() {
        for (int i = 0; i < 100; i++) {
            redis.addTask("f", "r-" + i, 1);
            redis.send(Command.HSET, Keys.run(P, "r-" + i), Keys.ENDED, "1");
        }
        redis.addTask("f", "r-last", 1);
        assertThat(take("d-1", 4)).extracting(d -> d.task().run()).containsExactly("r-last");
    }

    @Test
    void aTaskOfAPausedRunGoesBackToIt() {
        redis.addTask("f", "r-1", 1);
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.PAUSED, "1");
        assertThat(take("d-1", 1)).isEmpty();
        assertThat(redis.stream(Keys.inbox(P))).extracting(e -> e.get("e")).containsExactly("returned r-1|/do/0/x|1");
        assertThat(redis.length(LANE)).isZero();
    }

    @Test
    void settlingMovesTheResultToTheInboxAndLeavesNothingOfTheTask() {
        redis.addTask("f", "r-1", 1);
        var delivery = take("d-1", 1).getFirst();
        assertThat(tasks.settle(delivery, "event", "data")).isTrue();
        assertThat(redis.stream(Keys.inbox(P))).containsExactly(Map.of("run", "r-1", "e", "event", "d", "data"));
        assertThat(redis.length(LANE)).isZero();
        assertThat(redis.pending(LANE)).isZero();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
        assertThat(redis.sweep.depth(P)).isZero();
    }

    @Test
    void manyAreSettledAtOnceEachWithItsOwnOutcome() {
        var other = new LaneName(dev.sluice.workflow.Priority.HIGH, "acme", "f");
        redis.addTask("f", "r-1", 1);
        redis.addTask(other, "r-2", 1, T0);
        redis.addTask("f", "r-3", 1);
        var taken = take("d-1", 9);
        tasks.settle(taken.get(1), "before", "");
        var outcomes = tasks.settleAll(
                taken.stream().map(d -> new Settlement(d, "now", "")).toList());
        assertThat(outcomes).containsExactly(true, false, true);
        assertThat(redis.stream(Keys.inbox(P))).extracting(e -> e.get("e")).containsExactly("before", "now", "now");
        assertThat(redis.sweep.depth(P)).isZero();
    }

    @Test
    void settlingASecondTimeChangesNothing() {
        redis.addTask("f", "r-1", 1);
        var delivery = take("d-1", 1).getFirst();
        tasks.settle(delivery, "first", "");
        assertThat(tasks.settle(delivery, "second", "")).isFalse();
        assertThat(redis.stream(Keys.inbox(P))).extracting(e -> e.get("e")).containsExactly("first");
    }

    @Test
    void theFirstResultWinsAlsoWhenItsDispatcherWasThoughtLost() {
        redis.addTask("f", "r-1", 1);
        var lost = take("d-1", 1).getFirst();
        redis.endLeases();
        var reclaimed = reclaim("d-2", 1).getFirst();
        assertThat(tasks.settle(lost, "first", "")).isTrue();
        assertThat(tasks.settle(reclaimed, "second", "")).isFalse();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void aTaskThatIsSettledWhileItIsTakenOverIsLeftAlone() {
        redis.addTask("f", "r-1", 1);
        var lost = take("d-1", 1).getFirst();
        redis.endLeases();
        var places = redis.sweep.look(List.of(P)).expired();
        tasks.settle(lost, "first", "");
        assertThat(tasks.reclaim(places, "d-2", LEASE, T0, task -> "")).isEmpty();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void twoDispatchersThatFindTheSameLostTaskDoNotBothGetIt() {
        redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.endLeases();
        var places = redis.sweep.look(List.of(P)).expired();
        assertThat(tasks.reclaim(places, "d-2", LEASE, T0, task -> "")).hasSize(1);
        assertThat(tasks.reclaim(places, "d-3", LEASE, T0, task -> "")).isEmpty();
    }

    @Test
    void aTaskOfALostDispatcherIsReclaimedAndItsDeliveriesAreCounted() {
        redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.endLeases();
        assertThat(reclaim("d-2", 9)).extracting(Delivery::count).containsExactly(2L);
        redis.endLeases();
        assertThat(reclaim("d-3", 9)).extracting(Delivery::count).containsExactly(3L);
    }

    @Test
    void aTaskWhoseDispatcherShowsItselfIsNotReclaimed() {
        redis.addTask("f", "r-1", 1);
        var taken = take("d-1", 1);
        redis.endLeases();
        tasks.heartbeat(taken, LEASE);
        assertThat(reclaim("d-2", 9)).isEmpty();
    }

    @Test
    void aHeartbeatForATaskThatWasSettledBringsNothingBack() {
        redis.addTask("f", "r-1", 1);
        var taken = take("d-1", 1);
        tasks.settle(taken.getFirst(), "e", "");
        tasks.heartbeat(taken, LEASE);
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void noMoreThanAskedForAreReclaimed() {
        for (int i = 0; i < 3; i++) redis.addTask("f", "r-" + i, 1);
        take("d-1", 3);
        redis.endLeases();
        assertThat(reclaim("d-2", 2)).hasSize(2);
    }

    @Test
    void aTaskThatIsGivenBackIsTakenOverAtOnceAndWasNotDeliveredForIt() {
        redis.addTask("f", "r-1", 1);
        tasks.giveBack(take("d-1", 1), "d-1", Duration.ZERO);
        assertThat(reclaim("d-2", 9)).extracting(Delivery::count).containsExactly(1L);
    }

    @Test
    void aTaskThatIsGivenBackForLaterWaitsUntilThen() {
        redis.addTask("f", "r-1", 1);
        tasks.giveBack(take("d-1", 1), "d-1", Duration.ofMinutes(1));
        assertThat(reclaim("d-2", 9)).isEmpty();
        assertThat(take("d-2", 9)).isEmpty();
        redis.endLeases();
        assertThat(reclaim("d-2", 9)).extracting(Delivery::count).containsExactly(1L);
    }

    @Test
    void onlyWhoHasATaskGivesItBack() {
        redis.addTask("f", "r-1", 1);
        var taken = take("d-1", 1);
        redis.endLeases();
        reclaim("d-2", 1);
        tasks.giveBack(taken, "d-1", Duration.ZERO);
        assertThat(reclaim("d-3", 9)).isEmpty();
    }

    @Test
    void anEntryThatIsNotATaskIsBuriedAndTheOthersAreHandedOut() {
        redis.addTask("f", "r-1", 1);
        redis.addEntry(P, LaneName.of("f"), "run", "r-2", "attempt", "many");
        redis.addTask("f", "r-3", 1);
        assertThat(take("d-1", 9)).extracting(d -> d.task().run()).containsExactly("r-1", "r-3");
        assertThat(redis.dead(P)).singleElement().satisfies(dead -> {
            assertThat(dead).containsEntry("run", "r-2").containsEntry("from", LANE);
            assertThat(dead.get("reason")).startsWith("not a task");
        });
        assertThat(redis.pending(LANE)).isEqualTo(2);
        assertThat(redis.length(LANE)).isEqualTo(2);
        assertThat(redis.sweep.depth(P)).isEqualTo(2);
    }

    @Test
    void aPendingEntryThatSomeoneRemovedIsNotHandedOutAndItsLeaseIsGone() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.endLeases();
        redis.send(Command.XDEL, LANE, entry);
        assertThat(reclaim("d-2", 9)).isEmpty();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void buryingWhatIsNotThereDoesNothing() {
        long buried = redis.link
                .runAll(Script.BURY, List.of(Burial.call(P, Keys.inbox(P), "", "", "1-1", "why", RealRedis.T0)))
                .getFirst()
                .toLong();
        assertThat(buried).isZero();
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void aScriptThatRedisForgotIsSentAgain() {
        redis.addTask("f", "r-1", 1);
        redis.sendToEach(Command.SCRIPT, "FLUSH");
        assertThat(tasks.settle(take("d-1", 1).getFirst(), "e", "")).isTrue();
    }
}
