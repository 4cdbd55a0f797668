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
        return tasks.take(P, "f", consumer, count, T0, task -> "returned " + task.attemptId());
    }

    private List<Delivery> reclaim(String consumer, int count) {
        return tasks.reclaim(P, "f", consumer, LEASE, count, T0, task -> "");
    }

    @Test
    void openingALaneTwiceIsHarmless() {
        redis.addTask("f", "r-1", 1);
        tasks.open(P, "f");
        assertThat(take("d-1", 9)).hasSize(1);
    }

    @Test
    void anEmptyLaneGivesNothing() {
        tasks.open(P, "f");
        assertThat(take("d-1", 9)).isEmpty();
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
    void aTakenTaskIsPendingAndInFlight() {
        redis.addTask("f", "r-1", 2);
        var delivery = take("d-1", 9).getFirst();
        assertThat(delivery.task())
                .isEqualTo(new Task("r-1", "/do/0/x", 2, "f", "{}", T0, "r-1:/do/0/x", Duration.ZERO, false));
        assertThat(delivery.count()).isEqualTo(1);
        assertThat(redis.pending(LANE)).isEqualTo(1);
        assertThat(redis.hash(Keys.inFlight(P))).isEqualTo(Map.of("r-1|/do/0/x|2", "" + T0.toEpochMilli()));
    }

    @Test
    void aTaskOfARunThatHasEndedIsDroppedAndTheNextOneIsHandedOut() {
        redis.addTask("f", "r-1", 1);
        redis.addTask("f", "r-2", 1);
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.ENDED, "1");
        assertThat(take("d-1", 1)).extracting(d -> d.task().run()).containsExactly("r-2");
        assertThat(redis.length(LANE)).isEqualTo(1);
        assertThat(redis.length(Keys.inbox(P))).isZero();
        assertThat(redis.hash(Keys.inFlight(P))).containsOnlyKeys("r-2|/do/0/x|1");
    }

    @Test
    void settlingMovesTheResultToTheInboxAndLeavesNothingOfTheTask() {
        redis.addTask("f", "r-1", 1);
        var delivery = take("d-1", 1).getFirst();
        assertThat(tasks.settle(delivery, "event", "data")).isTrue();
        assertThat(redis.stream(Keys.inbox(P))).containsExactly(Map.of("run", "r-1", "e", "event", "d", "data"));
        assertThat(redis.length(LANE)).isZero();
        assertThat(redis.pending(LANE)).isZero();
        assertThat(redis.hash(Keys.inFlight(P))).isEmpty();
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
        redis.idle("f", "d-1", lost.entryId(), 60_000);
        var reclaimed = reclaim("d-2", 1).getFirst();
        assertThat(tasks.settle(lost, "first", "")).isTrue();
        assertThat(tasks.settle(reclaimed, "second", "")).isFalse();
    }

    @Test
    void nothingStaysInFlightWhenATaskWasReclaimedWhileItWasSettled() {
        redis.addTask("f", "r-1", 1);
        var lost = take("d-1", 1).getFirst();
        redis.idle("f", "d-1", lost.entryId(), 60_000);
        tasks.settle(lost, "first", "");
        // The other dispatcher had claimed the entry just before, and notes it just after.
        redis.send(Command.HSET, Keys.inFlight(P), lost.task().attemptId(), 1);
        tasks.settle(lost, "second", "");
        assertThat(redis.hash(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void aTaskOfALostDispatcherIsReclaimedAndItsDeliveriesAreCounted() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.idle("f", "d-1", entry, 60_000);
        assertThat(reclaim("d-2", 9)).extracting(Delivery::count).containsExactly(2L);
        redis.idle("f", "d-2", entry, 60_000);
        assertThat(reclaim("d-3", 9)).extracting(Delivery::count).containsExactly(3L);
    }

    @Test
    void aTaskWhoseDispatcherShowsItselfIsNotReclaimed() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.idle("f", "d-1", entry, 60_000);
        tasks.heartbeat(P, "f", "d-1", List.of(entry));
        assertThat(reclaim("d-2", 9)).isEmpty();
    }

    @Test
    void aHeartbeatDoesNotCountAsADelivery() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        tasks.heartbeat(P, "f", "d-1", List.of(entry));
        redis.idle("f", "d-1", entry, 60_000);
        assertThat(reclaim("d-2", 9)).extracting(Delivery::count).containsExactly(2L);
    }

    @Test
    void aHeartbeatDoesNotStealATaskThatAnotherHasReclaimed() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.idle("f", "d-1", entry, 60_000);
        reclaim("d-2", 1);
        long kept = redis.link
                .run(Script.HEARTBEAT, List.of(LANE), List.of(Keys.GROUP, "d-1", entry))
                .toLong();
        assertThat(kept).isZero();
        assertThat(redis.send(Command.XPENDING, LANE, Keys.GROUP, "-", "+", 9, "d-2"))
                .hasSize(1);
    }

    @Test
    void aHeartbeatForATaskThatWasSettledBringsNothingBack() {
        String entry = redis.addTask("f", "r-1", 1);
        tasks.settle(take("d-1", 1).getFirst(), "e", "");
        tasks.heartbeat(P, "f", "d-1", List.of(entry));
        assertThat(redis.pending(LANE)).isZero();
    }

    @Test
    void noMoreThanAskedForAreReclaimed() {
        for (int i = 0; i < 3; i++) redis.addTask("f", "r-" + i, 1);
        take("d-1", 3).forEach(d -> redis.idle("f", "d-1", d.entryId(), 60_000));
        assertThat(reclaim("d-2", 2)).hasSize(2);
    }

    @Test
    void aLostTaskBehindManyThatAreWorkedOnIsFoundAllTheSame() {
        for (int i = 0; i < 200; i++) redis.addTask("f", "r-" + i, 1);
        take("d-1", 200);
        String last = redis.addTask("f", "r-lost", 1);
        take("d-2", 1);
        redis.idle("f", "d-2", last, 60_000);
        assertThat(reclaim("d-3", 1)).extracting(d -> d.task().run()).containsExactly("r-lost");
    }

    @Test
    void anEntryThatIsNotATaskIsBuriedAndTheOthersAreHandedOut() {
        redis.addTask("f", "r-1", 1);
        redis.send(Command.XADD, LANE, "*", "run", "r-2", "attempt", "many");
        redis.addTask("f", "r-3", 1);
        assertThat(take("d-1", 9)).extracting(d -> d.task().run()).containsExactly("r-1", "r-3");
        assertThat(redis.stream(Keys.dead(P))).singleElement().satisfies(dead -> {
            assertThat(dead).containsEntry("run", "r-2").containsEntry("from", LANE);
            assertThat(dead.get("reason")).startsWith("not a task");
        });
        assertThat(redis.pending(LANE)).isEqualTo(2);
        assertThat(redis.length(LANE)).isEqualTo(2);
    }

    @Test
    void aPendingEntryThatSomeoneRemovedIsNotHandedOut() {
        String entry = redis.addTask("f", "r-1", 1);
        take("d-1", 1);
        redis.idle("f", "d-1", entry, 60_000);
        redis.send(Command.XDEL, LANE, entry);
        assertThat(reclaim("d-2", 9)).isEmpty();
    }

    @Test
    void buryingWhatIsNotThereDoesNothing() {
        long buried = redis.link
                .run(Script.BURY, List.of(Keys.inbox(P), Keys.dead(P)), List.of("", "1-1", "why", "0"))
                .toLong();
        assertThat(buried).isZero();
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void aLaneWhoseGroupIsGoneIsOpenedByTheFirstWhoAsks() {
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.step("/do/0/x"), "{}");
        redis.send(Command.XADD, LANE, "*", "run", "r-1", "step", "/do/0/x", "attempt", 1, "input", "{}", "at", 0);
        assertThat(take("d-1", 9)).isEmpty();
        assertThat(take("d-1", 9)).extracting(d -> d.task().run()).containsExactly("r-1");
    }

    @Test
    void aScriptThatRedisForgotIsSentAgain() {
        redis.addTask("f", "r-1", 1);
        redis.sendToEach(Command.SCRIPT, "FLUSH");
        assertThat(tasks.settle(take("d-1", 1).getFirst(), "e", "")).isTrue();
    }
}
