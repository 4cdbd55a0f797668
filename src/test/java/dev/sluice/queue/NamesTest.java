package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.workflow.ProblemException;
import io.vertx.redis.client.Command;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs, partitions, keys and hints by name. */
class NamesTest {

    @Test
    void aRunsNameFindsItsPartition() {
        assertThat(RunId.partition(RunId.next(P, T0, new Random(1)))).contains(P);
    }

    @Test
    void theSameKeyNamesTheSameRunAndAnotherWorkflowAnother() {
        assertThat(RunId.forKey(P, "w", "k"))
                .isEqualTo(RunId.forKey(P, "w", "k"))
                .isNotEqualTo(RunId.forKey(P, "v", "k"));
    }

    @Test
    void laterRunsSortBehindEarlierOnes() {
        var random = new Random(1);
        assertThat(RunId.next(P, T0, random)).isLessThan(RunId.next(P, T0.plusMillis(1), random));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "default.local.0-",
                "default.local-0123456789012345678901234",
                "default.local.0-0123456789012345678901234I",
                "a.b.999999-01234567890123456789012345",
                "../default.local.0-01234567890123456789012345"
            })
    void whatIsNotTheNameOfARunHasNoPartition(String name) {
        assertThat(RunId.partition(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a.b.c", "a.b.-1", "a{.b.0", "a.b.0.c"})
    void whatIsNoPartitionIsRefused(String tag) {
        assertThatThrownBy(() -> Partition.parse(tag)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allKeysOfAPartitionShareItsHashTag() {
        assertThat(List.of(Keys.inbox(P), Keys.lane(P, "f"), Keys.run(P, "r"), Keys.runs(P, "queued")))
                .allMatch(key -> key.startsWith("sluice:{default.test.0}:"));
    }

    @Test
    void aHintSaysWhereToLook() {
        assertThat(Hint.parse(Hint.inbox(P))).contains(new Hint(P, Hint.Kind.INBOX, ""));
        assertThat(Hint.parse(Hint.task(P, "f"))).contains(new Hint(P, Hint.Kind.TASK, "f"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "i", "t default.test.0", "z default.test.0", "i nowhere"})
    void aHintThatSaysNothingIsNone(String message) {
        assertThat(Hint.parse(message)).isEmpty();
    }

    @Test
    void theNumberOfPartitionsIsFixedByTheFirstStart() {
        var redis = RealRedis.empty();
        redis.partitions.fixCount();
        redis.partitions.fixCount();
        assertThatThrownBy(() -> new Partitions(redis.link, List.of("test"), 3).fixCount())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("created with 2 partitions");
    }

    @Test
    void aKeyAlwaysFindsTheSamePartition() {
        var partitions = RealRedis.empty().partitions;
        assertThat(partitions.forKey("default", "k")).isEqualTo(partitions.forKey("default", "k"));
    }

    @Test
    void aRedisThatMayEvictIsRefused() {
        var redis = RealRedis.empty();
        redis.sendToEach(Command.CONFIG, "SET", "maxmemory-policy", "allkeys-lru");
        try {
            assertThatThrownBy(() -> new RedisGuard(redis.link).check()).hasMessageContaining("SL1004");
        } finally {
            redis.sendToEach(Command.CONFIG, "SET", "maxmemory-policy", "noeviction");
        }
    }

    @Test
    void aRedisThatKeepsWhatItHasIsAccepted() {
        new RedisGuard(RealRedis.empty().link).check();
    }
}
