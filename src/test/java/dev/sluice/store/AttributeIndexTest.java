package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.RunId;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttributeIndexTest {
    private final RealStore store = new RealStore();
    private final Random random = new Random(5);
    private final Definition definition = store.definitions()
            .deploy("document: { dsl: '1.0.1', namespace: test, name: w, version: '1.0.0',"
                    + " metadata: { searchAttributes: { customer: '${ .c }' } } }\ndo: [ { x: { call: f } } ]\n")
            .definition();

    private String accept(String customer, long millis) {
        String id = RunId.next(store.redis.partitions.any("default", random), T0, random);
        store.runs.start(definition, id, json("{c: '" + customer + "'}"), T0.plusMillis(millis));
        return id;
    }

    private List<String> ids(RunIndex.Page page) {
        return page.runs().stream().map(RunHead::id).toList();
    }

    @Test
    void runsOfOneValueAreListedTheLatestFirstAPageAtATime() {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            ids.add(accept("a", i));
            accept("b", i);
        }
        var first = store.index.page("customer", "a", Optional.empty(), 3);
        assertThat(ids(first)).isEqualTo(ids.reversed().subList(0, 3));
        var second = store.index.page("customer", "a", first.next(), 3);
        assertThat(ids(second)).isEqualTo(ids.reversed().subList(3, 5));
        assertThat(second.next()).isEmpty();
        assertThat(store.index.page("customer", "c", Optional.empty(), 3).runs())
                .isEmpty();
    }

    @Test
    void aRunThatBeginsAnewKnowsWhereItComesFrom() {
        String id = accept("a", 0);
        var source = store.runs.find(id).orElseThrow();
        String fork = RunId.next(store.redis.partitions.any("default", random), T0, random);
        var made = Machine.forkFromStart(definition, source, json("{c: 'z'}"), fork, T0);
        assertThat(store.runs.start(made)).isEqualTo(Runs.Acceptance.ACCEPTED);
        assertThat(store.runs.start(made)).isEqualTo(Runs.Acceptance.REPEATED);
        assertThat(store.runs.head(fork).orElseThrow().identity().origin()).isEqualTo(id);
        assertThat(ids(store.index.page("customer", "z", Optional.empty(), 3))).containsExactly(fork);
        assertThat(store.runs.head("no run")).isEmpty();
    }
}
