package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InboxTest {
    private static final Partition OTHER = new Partition("default", "test", 1);

    private final RealRedis redis = RealRedis.empty();
    private final Inbox inbox = redis.inbox;

    private void timer(Partition partition, String run, long millis) {
        redis.send(Command.ZADD, Keys.timers(partition), T0.toEpochMilli() + millis, run + "\n{\"type\":\"x\"}");
    }

    @Test
    void aDueTimerBecomesAnEventOfItsRun() {
        timer(P, "r-1", 0);
        assertThat(inbox.tick(List.of(P), T0)).containsExactly(1);
        assertThat(redis.stream(Keys.inbox(P))).containsExactly(Map.of("run", "r-1", "e", "{\"type\":\"x\"}", "d", ""));
        assertThat(redis.sorted(Keys.timers(P))).isEmpty();
    }

    @Test
    void aTimerThatIsNotDueStays() {
        timer(P, "r-1", 1);
        assertThat(inbox.tick(List.of(P), T0)).containsExactly(0);
        assertThat(redis.sorted(Keys.timers(P))).hasSize(2);
    }

    @Test
    void aFloodOfTimersIsMovedInOneTurnInTheOrderOfTheirTime() {
        for (int i = 0; i < 501; i++) timer(P, "r-" + i, -i);
        assertThat(inbox.tick(List.of(P, OTHER), T0)).containsExactly(501, 0);
        assertThat(redis.sorted(Keys.timers(P))).isEmpty();
        assertThat(redis.stream(Keys.inbox(P)).getLast()).containsEntry("run", "r-0");
    }

    @Test
    void theLengthsComeInTheOrderOfThePartitions() {
        timer(OTHER, "r-1", 0);
        assertThat(inbox.tick(List.of(P, OTHER), T0)).containsExactly(0, 1);
    }

    @Test
    void readingLeavesTheEntriesWhereTheyAre() {
        timer(P, "r-1", 0);
        timer(P, "r-2", 0);
        inbox.tick(List.of(P), T0);
        assertThat(inbox.read(P, 1)).extracting(InboxEntry::run).containsExactly("r-1");
        assertThat(inbox.read(P, 9)).extracting(InboxEntry::run).containsExactly("r-1", "r-2");
    }

    @Test
    void aBuriedEntryIsKeptWithItsReason() {
        timer(P, "r-1", 0);
        inbox.tick(List.of(P), T0);
        inbox.bury(P, inbox.read(P, 1).getFirst().entryId(), "no such run", T0);
        assertThat(redis.length(Keys.inbox(P))).isZero();
        assertThat(redis.dead(P).getFirst())
                .containsEntry("run", "r-1")
                .containsEntry("reason", "no such run")
                .containsEntry("from", Keys.inbox(P))
                .containsEntry("buried", "" + T0.toEpochMilli());
    }
}
