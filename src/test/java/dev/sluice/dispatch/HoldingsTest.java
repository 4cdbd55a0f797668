package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Ask;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.Taken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which dispatcher takes the tasks of which partition. */
class HoldingsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final RealRedis redis = RealRedis.empty();
    private List<Partition> partitions = IntStream.range(0, 64)
            .mapToObj(i -> new Partition("default", "test", i))
            .toList();

    private Holdings dispatcher(String name, Duration lasts) {
        return new Holdings(redis.dispatchers, () -> partitions, name, lasts);
    }

    private Holdings dispatcher(String name) {
        return dispatcher(name, LONG);
    }

    /** As often as it takes for everybody to know of everybody. */
    private static void renewAll(Holdings... all) {
        for (int round = 0; round < 3; round++) for (Holdings each : all) each.renew();
    }

    private void eachIsServedOnce(Holdings... all) {
        var served = new ArrayList<Partition>();
        for (Holdings each : all) served.addAll(each.all());
        assertThat(served).hasSize(partitions.size()).containsExactlyInAnyOrderElementsOf(partitions);
    }

    @Test
    void oneAloneServesAllAtOnce() {
        var one = dispatcher("d-1");
        assertThat(one.renew()).hasSize(64);
        assertThat(one.renew()).isEmpty();
        eachIsServedOnce(one);
    }

    @Test
    void severalShareThemAboutEvenly() {
        var all = new Holdings[] {dispatcher("d-1"), dispatcher("d-2"), dispatcher("d-3"), dispatcher("d-4")};
        renewAll(all);
        eachIsServedOnce(all);
        for (Holdings each : all) assertThat(each.all()).hasSizeBetween(7, 28);
    }

    @Test
    void whoComesGetsItsShareAndTheOthersKeepTheRest() {
        var one = dispatcher("d-1");
        var two = dispatcher("d-2");
        renewAll(one, two);
        var before = new HashSet<>(one.all());
        var three = dispatcher("d-3");
        renewAll(one, two, three);
        eachIsServedOnce(one, two, three);
        assertThat(before).containsAll(one.all());
        assertThat(three.all()).hasSizeBetween(10, 34);
    }

    @Test
    void whatWasLeftIsServedByTheOthersAtTheirNextLook() {
        var one = dispatcher("d-1");
        var two = dispatcher("d-2");
        renewAll(one, two);
        one.giveBack();
        assertThat(one.all()).isEmpty();
        assertThat(two.renew()).isNotEmpty();
        eachIsServedOnce(two);
    }

    @Test
    void whoHangsLosesItsPartitionsToTheOthersAndTakesNothingWhenItGoesOn() {
        var hanging = dispatcher("d-1", Duration.ofMillis(200));
        hanging.renew();
        long former = hanging.token(P).orElseThrow();
        redis.addTask("f", "r-1", 1);
        var other = dispatcher("d-2");
        await().until(() -> {
            other.renew();
            return other.all().size() == 64;
        });
        assertThat(take("d-1", former)).satisfies(taken -> {
            assertThat(taken.rest()).isEqualTo(Taken.Rest.FENCED);
            assertThat(taken.deliveries()).isEmpty();
        });
        assertThat(other.token(P).orElseThrow()).isGreaterThan(former);
        assertThat(take("d-2", other.token(P).orElseThrow()).deliveries()).hasSize(1);
        renewAll(hanging, other);
        eachIsServedOnce(hanging, other);
    }

    private Taken take(String name, long token) {
        var ask = new Ask(P, "f", name, token, 9, Duration.ofSeconds(15), T0, List.of(), tenant -> 9, false);
        return redis.tasks.take(ask, task -> "");
    }

    @Test
    void aLeaseThatEndedWhileNobodyWantedItIsTakenUnderANewToken() {
        var one = dispatcher("d-1", Duration.ofMillis(50));
        one.renew();
        long first = one.token(P).orElseThrow();
        await().until(() -> {
            boolean gone = redis.send(io.vertx.redis.client.Command.EXISTS, dev.sluice.queue.Keys.dispatcher(P))
                            .toInteger()
                    == 0;
            if (gone) one.renew();
            return gone;
        });
        assertThat(one.token(P).orElseThrow()).isGreaterThan(first);
    }

    @Test
    void aPartitionOfANewGroupIsServedAsWell() {
        var one = dispatcher("d-1");
        one.renew();
        var added = new ArrayList<>(partitions);
        added.add(new Partition("reports", "test", 0));
        partitions = added;
        assertThat(one.renew()).containsExactly(new Partition("reports", "test", 0));
    }
}
