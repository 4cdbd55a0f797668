package dev.sluice.inference;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.inference.Breaker.Closed;
import dev.sluice.inference.Breaker.Open;
import dev.sluice.inference.Breaker.Probing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final Duration FIVE = Duration.ofSeconds(5);
    private static final Breaker OPEN = new Open(T0.plus(FIVE), FIVE);
    private static final Breaker PROBING = new Probing(FIVE, T0.plusSeconds(30), "p.1");

    private static Streak streak(int failures) {
        return new Streak(failures, Instant.EPOCH);
    }

    @Test
    void fiveFailuresInARowOpenIt() {
        Breaker breaker = Breaker.FRESH;
        for (int i = 1; i <= 4; i++) breaker = breaker.failed(streak(i), "p", T0);
        assertThat(breaker).isEqualTo(new Closed(List.of(T0, T0)));
        assertThat(breaker.failed(streak(5), "p", T0)).isEqualTo(OPEN);
    }

    @Test
    void failuresBetweenSuccessesDoNot() {
        assertThat(Breaker.FRESH.failed(streak(2), "p", T0)).isEqualTo(Breaker.FRESH);
        var lucky = Streak.NEW.succeeded(T0).failed().failed().failed().failed().failed();
        assertThat(Breaker.FRESH.failed(lucky, "p", T0.plusMillis(999))).isEqualTo(Breaker.FRESH);
        assertThat(Breaker.FRESH.failed(lucky, "p", T0.plusSeconds(1))).isInstanceOf(Open.class);
    }

    @Test
    void tenThatCountWithinTenSecondsOpenItWhoeverSawThem() {
        Breaker breaker = Breaker.FRESH;
        for (int i = 0; i < 9; i++) breaker = breaker.failed(streak(3), "p-" + i, T0.plusSeconds(i));
        assertThat(breaker).isInstanceOf(Closed.class);
        assertThat(breaker.failed(streak(3), "p-9", T0.plusSeconds(10))).isInstanceOf(Closed.class);
        assertThat(breaker.failed(streak(3), "p-9", T0.plusMillis(9_999))).isInstanceOf(Open.class);
    }

    @Test
    void whileItIsOpenWhatIsHeardOfEarlierCallsChangesNothing() {
        assertThat(OPEN.failed(streak(9), "p", T0)).isEqualTo(OPEN);
        assertThat(OPEN.succeeded()).isEqualTo(OPEN);
        assertThat(OPEN.closedUntil(T0)).isEqualTo(T0.plus(FIVE));
    }

    @Test
    void afterFiveSecondsOneProbeIsLetThroughUntilItsLeaseEnds() {
        var open = (Open) OPEN;
        assertThat(open.probe("p.1", T0.plusMillis(4_999))).isEmpty();
        var probing = open.probe("p.1", T0.plus(FIVE)).orElseThrow();
        assertThat(probing.probe("q.1", T0.plusSeconds(34))).isEmpty();
        assertThat(probing.probe("q.1", T0.plusSeconds(35)).orElseThrow().holder())
                .isEqualTo("q.1");
        assertThat(probing.closedUntil(T0.plus(FIVE))).isEqualTo(T0.plusSeconds(6));
        assertThat(probing.closedUntil(T0.plusMillis(34_500))).isEqualTo(T0.plusSeconds(35));
    }

    @Test
    void aProbeThatSucceedsClosesItAndOneThatFailsOpensItTwiceAsLongUpToAMinute() {
        assertThat(PROBING.succeeded()).isEqualTo(Breaker.FRESH);
        Instant now = T0;
        var waits = new java.util.ArrayList<Long>();
        Breaker breaker = OPEN;
        for (int i = 0; i < 5; i++) {
            now = breaker.closedUntil(now);
            breaker = ((Open) breaker).probe("p." + i, now).orElseThrow().failed(streak(1), "p", now);
            waits.add(Duration.between(now, breaker.closedUntil(now)).toSeconds());
        }
        assertThat(waits).containsExactly(10L, 20L, 40L, 60L, 60L);
    }

    @Test
    void onlyWhoMakesTheProbeCanSayThatItFailed() {
        assertThat(PROBING.failed(streak(9), "q", T0)).isEqualTo(PROBING);
        assertThat(PROBING.failed(streak(9), "p", T0)).isInstanceOf(Open.class);
    }

    @Test
    void everyStateIsReadAsItWasWritten() {
        for (Breaker each : List.of(Breaker.FRESH, new Closed(List.of(T0, T0.plusMillis(7))), OPEN, PROBING)) {
            assertThat(Breaker.of(each.text())).isEqualTo(each);
        }
        assertThat(Breaker.FRESH.text()).isEmpty();
    }
}
