package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunIndexTest {
    private static final EnumSet<RunStatus> ALL = EnumSet.allOf(RunStatus.class);

    private final RealStore store = new RealStore();
    private final Definition definition = store.definitions()
            .deploy(RealStore.document("w", "do: [ { x: { set: { a: 1 } } } ]"))
            .definition();
    private final Random random = new Random(7);

    private String accept(long millis) {
        Partition partition = store.redis.partitions.any("default", random);
        String id = RunId.next(partition, T0, random);
        store.runs.start(definition, id, json("{}"), T0.plusMillis(millis));
        return id;
    }

    private List<String> pages(EnumSet<RunStatus> statuses, int limit) {
        var ids = new ArrayList<String>();
        Optional<String> cursor = Optional.empty();
        do {
            var page = store.index.page(statuses, cursor, limit);
            assertThat(page.runs().size()).isLessThanOrEqualTo(limit);
            page.runs().forEach(run -> ids.add(run.id()));
            cursor = page.next();
        } while (cursor.isPresent());
        return ids;
    }

    @Test
    void theLatestAcceptedComeFirstOverAllPartitions() {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 20; i++) ids.add(accept(i));
        Collections.reverse(ids);
        assertThat(pages(ALL, 50)).isEqualTo(ids);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 50})
    void pagesShowEveryRunOnceAlsoWhenManyCameAtTheSameTime(int limit) {
        var ids = new HashSet<String>();
        for (int i = 0; i < 40; i++) ids.add(accept(i / 15));
        assertThat(pages(ALL, limit)).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    void aPageThatHoldsTheLastRunHasNoNext() {
        accept(0);
        accept(1);
        assertThat(store.index.page(ALL, Optional.empty(), 2).next()).isEmpty();
    }

    @Test
    void runsAreFilteredByStatus() {
        String id = accept(0);
        assertThat(pages(EnumSet.of(RunStatus.QUEUED), 9)).containsExactly(id);
        assertThat(pages(EnumSet.of(RunStatus.FAILED, RunStatus.RUNNING), 9)).isEmpty();
    }

    @Test
    void aRunThatIsListedTwiceWhileItsStatusMovesIsShownOnce() {
        String id = accept(0);
        var partition = RunId.partition(id).orElseThrow();
        store.redis.send(Command.ZADD, Keys.runs(partition, "running"), T0.toEpochMilli(), id);
        assertThat(pages(ALL, 9)).containsExactly(id);
    }

    @Test
    void runsAreCountedByStatus() {
        for (int i = 0; i < 3; i++) accept(i);
        assertThat(store.index.counts()).containsEntry(RunStatus.QUEUED, 3L).containsEntry(RunStatus.FAILED, 0L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1", "1_", "_a", "1_a b", "9999999999999999_a", "1_a\n"})
    void whatIsNotACursorIsRefused(String cursor) {
        assertThatThrownBy(() -> store.index.page(ALL, Optional.of(cursor), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a cursor");
    }
}
