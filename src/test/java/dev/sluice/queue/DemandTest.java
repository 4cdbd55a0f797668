package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import org.junit.jupiter.api.Test;

class DemandTest {
    private static final Partition OTHER = new Partition("default", "test", 1);

    private final RealRedis redis = RealRedis.empty();
    private final Demand demand = new Demand(redis.link, redis.partitions);

    private Demand.Amount amount() {
        return demand.at(T0);
    }

    private static long in(int seconds) {
        return T0.plusSeconds(seconds).toEpochMilli();
    }

    @Test
    void anEmptyRedisDemandsNothing() {
        assertThat(amount().total()).isZero();
    }

    @Test
    void tasksOfAllPartitionsCountWaitingOrInFlight() {
        redis.send(Command.SET, Keys.depth(P), 3);
        redis.send(Command.SET, Keys.depth(OTHER), 4);
        assertThat(amount()).isEqualTo(new Demand.Amount(7, 0, 0, 0));
    }

    @Test
    void whatRunsHaveYetToTakeInAndWhatGoesOutCounts() {
        for (String stream : new String[] {Keys.inbox(P), Keys.outbox(OTHER), Keys.sink(P)}) {
            redis.send(Command.XADD, stream, "*", "a", "b");
        }
        assertThat(amount()).isEqualTo(new Demand.Amount(0, 3, 0, 0));
    }

    @Test
    void whatIsDueWhenADispatcherCouldBeUpCountsAndWhatIsLaterDoesNot() {
        redis.send(Command.ZADD, Keys.timers(P), in(-5), "overdue");
        redis.send(Command.ZADD, Keys.timers(OTHER), in(10), "soon");
        redis.send(Command.ZADD, Keys.timers(OTHER), in(11), "later");
        redis.send(Command.ZADD, ScheduleKeys.schedulesDue(), in(9), "schedule");
        redis.send(Command.ZADD, ScheduleKeys.schedulesDue(), in(3600), "in an hour");
        assertThat(amount()).isEqualTo(new Demand.Amount(0, 0, 3, 0));
    }

    @Test
    void aClearingUnderWayCounts() {
        redis.send(Command.SADD, Keys.openClearings(), "c-1");
        assertThat(amount().total()).isEqualTo(1);
    }
}
