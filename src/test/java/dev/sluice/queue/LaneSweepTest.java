package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaneSweepTest {
    private static final LaneName LANE = LaneName.of("f");

    private final RealRedis redis = RealRedis.empty();

    private List<Delivery> take() {
        return redis.tasks.take(P, "f", "d", 9, T0, task -> "");
    }

    @Test
    void theFunctionsThatHaveLanesAreFound() {
        redis.addTask("f", "r-1", 1);
        redis.addTask("a: b", "r-2", 1);
        assertThat(redis.sweep.look(redis.partitions.all()).functions(P)).containsExactly("a: b", "f");
    }

    @Test
    void aLaneThatIsEmptyIsForgottenWithItsStream() {
        redis.addTask("f", "r-1", 1);
        redis.tasks.settle(take().getFirst(), "", "");
        redis.sweep.recount(List.of(P));
        assertThat(redis.sweep.look(List.of(P)).functions(P)).isEmpty();
        assertThat(redis.keys()).doesNotContain(Keys.lane(P, LANE), Keys.lanes(P));
        redis.addTask("f", "r-2", 1);
        assertThat(take()).hasSize(1);
    }

    @Test
    void aLaneWithATaskInFlightStays() {
        redis.addTask("f", "r-1", 1);
        var delivery = take().getFirst();
        redis.sweep.recount(List.of(P));
        assertThat(redis.tasks.settle(delivery, "e", "")).isTrue();
    }

    @Test
    void aLaneThatComesWhileTheOthersAreLookedAtIsNotMistakenForOneThatIsGone() {
        redis.addTask("f", "r-1", 1);
        var reply = redis.link.run(Script.RECOUNT, List.of(Keys.lanes(P), Keys.depth(P)), List.of(Keys.GROUP));
        assertThat(reply.size()).isZero();
        assertThat(redis.sweep.depth(P)).isEqualTo(1);
    }

    @Test
    void theDepthIsEveryTaskThatWaitsOrIsInFlight() {
        for (int i = 0; i < 12; i++) redis.addTask("f", "r-" + i, 1);
        redis.tasks.settle(take().getFirst(), "e", "");
        assertThat(redis.sweep.depth(P)).isEqualTo(11);
    }

    @Test
    void aDepthThatWentAstrayIsCountedAnew() {
        for (int i = 0; i < 3; i++) redis.addTask("f", "r-" + i, 1);
        redis.send(Command.SET, Keys.depth(P), 77);
        redis.sweep.recount(List.of(P));
        assertThat(redis.sweep.depth(P)).isEqualTo(3);
    }

    @Test
    void aTaskThatNobodyIsReadyForIsFound() {
        redis.addTask("f", "r-1", 1);
        redis.send(Command.DEL, Keys.ready(P, LANE));
        assertThat(take()).isEmpty();
        redis.sweep.recount(List.of(P));
        assertThat(take()).hasSize(1);
    }
}
