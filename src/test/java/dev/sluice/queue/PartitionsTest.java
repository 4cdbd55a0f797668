package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PartitionsTest {
    private final RealRedis redis = RealRedis.empty();

    private Partitions server(String... regions) {
        return new Partitions(redis.link, List.of(regions), 2);
    }

    private static List<Partition> named(List<Partition> partitions, String group) {
        return partitions.stream().filter(p -> p.group().equals(group)).toList();
    }

    @Test
    void aGroupKeepsTheNumberThatItsFirstDocumentSaid() {
        assertThat(server("test").open("g", OptionalInt.of(3))).isEqualTo(3);
        assertThat(server("test").open("g", OptionalInt.of(5))).isEqualTo(3);
        assertThat(redis.hash(Keys.groups())).containsEntry("g", "3");
    }

    @Test
    void aGroupWhoseDocumentSaysNothingHasTheDeploymentsNumber() {
        assertThat(server("test").open("g", OptionalInt.empty())).isEqualTo(2);
    }

    @Test
    void theListHasTheDefaultGroupBeforeAnythingWasDeployed() {
        assertThat(server("test").all())
                .containsExactly(new Partition("default", "test", 0), new Partition("default", "test", 1));
    }

    @Test
    void aServerLearnsOfAGroupThatAnotherMade() {
        Partitions other = server("test");
        other.all();
        server("test").open("g", OptionalInt.of(3));
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(named(other.all(), "g")).hasSize(3));
    }

    @Test
    void whatMustReachEveryPartitionSeesAGroupThatWasMadeAMomentAgo() {
        Partitions other = server("test");
        other.all();
        server("test").open("g", OptionalInt.of(3));
        assertThat(named(other.allNow(), "g")).hasSize(3);
    }

    @Test
    void aRunOfAGroupThatAnotherServerMadeFindsItsPartitionsAtOnce() {
        Partitions other = server("test");
        other.all();
        server("test").open("g", OptionalInt.of(3));
        assertThat(other.of("g")).hasSize(3).allMatch(p -> p.group().equals("g"));
    }

    @Test
    void aKeyStaysInItsPartitionWhenGroupsAreAdded() {
        Partitions partitions = server("test");
        var before = IntStream.range(0, 50)
                .mapToObj(i -> partitions.forKey("default", "k" + i))
                .toList();
        partitions.open("a", OptionalInt.of(7));
        assertThat(IntStream.range(0, 50).mapToObj(i -> partitions.forKey("default", "k" + i)))
                .containsExactlyElementsOf(before);
    }

    @Test
    void newRunsGoToTheFirstRegionAndAllAreServed() {
        Partitions partitions = server("eu", "us");
        partitions.open("g", OptionalInt.of(2));
        assertThat(partitions.all()).hasSize(8);
        var random = new Random(1);
        assertThat(IntStream.range(0, 50).mapToObj(i -> partitions.any("g", random)))
                .allMatch(p -> p.region().equals("eu") && p.group().equals("g"))
                .anyMatch(p -> p.number() == 0)
                .anyMatch(p -> p.number() == 1);
    }

    @Test
    void moreThanAClustersSlotsAreRefused() {
        Partitions partitions = server("test");
        for (int i = 0; i < 15; i++) partitions.open("g" + i, OptionalInt.of(1_024));
        assertThatThrownBy(() -> partitions.open("one_more", OptionalInt.of(1_023)))
                .hasMessageContaining("SL2033")
                .hasMessageContaining("15362");
        assertThat(redis.send(Command.HEXISTS, Keys.groups(), "one_more").toInteger())
                .isZero();
    }
}
