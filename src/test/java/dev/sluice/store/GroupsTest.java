package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Service;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Workflows that choose their group, and where their runs are then. */
class GroupsTest {
    private final RealStore store = new RealStore();
    private final Clock clock = Clock.fixed(RealRedis.T0, ZoneOffset.UTC);
    private final Definitions definitions = store.definitions();
    private final Starter starter = store.starter(clock);

    private Definition deploy(String name, String queue) {
        return definitions.deploy(document(name, queue)).definition();
    }

    private static String document(String name, String queue) {
        return "document: { dsl: '1.0.1', namespace: test, name: " + name + ", version: '1.0.0', metadata: { queue: "
                + queue + " } }\ndo: [ { x: { call: f } } ]";
    }

    private static Partition of(String run) {
        return RunId.partition(run).orElseThrow();
    }

    @Test
    void theFirstDocumentOfAGroupFixesItsPartitions() {
        deploy("a", "{ group: slow, partitions: 3 }");
        deploy("b", "{ group: slow }");
        assertThat(store.redis.hash(Keys.groups())).containsEntry("slow", "3");
        assertThat(store.redis.partitions.of("slow")).hasSize(3);
    }

    @Test
    void anotherNumberForTheSameGroupIsAFindingAndNothingIsDeployed() {
        deploy("a", "{ group: slow, partitions: 3 }");
        assertThatThrownBy(() -> deploy("b", "{ group: slow, partitions: 4 }"))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.findings()).hasSize(1);
                    assertThat(e.findings().getFirst().pointer()).isEqualTo("/document/metadata/queue/partitions");
                    assertThat(e.findings().getFirst().line()).isEqualTo(1);
                })
                .hasMessageContaining("group 'slow' has 3 partitions");
        assertThat(definitions.latest("b")).isEmpty();
    }

    @Test
    void checkingADocumentMakesNoGroup() {
        definitions.check(document("a", "{ group: slow, partitions: 3 }"));
        assertThat(store.redis.hash(Keys.groups())).doesNotContainKey("slow");
    }

    @Test
    void aRunIsInAPartitionOfItsWorkflowsGroup() {
        Definition slow = deploy("a", "{ group: slow, partitions: 3 }");
        String run = starter.startByEvent(slow, RealStore.json("{}"), "s\n1", Service.Asked.NOTHING, false);
        assertThat(of(run).group()).isEqualTo("slow");
        assertThat(store.redis.length(Keys.inbox(of(run)))).isEqualTo(1);
        assertThat(store.index
                        .page(Set.of(store.runs.head(run).orElseThrow().status()), Optional.empty(), 5)
                        .runs())
                .extracting(RunHead::id)
                .containsExactly(run);
    }

    @Test
    void aChildIsInTheGroupOfItsParentAndServedAsItIs() {
        Definition slow = deploy("a", "{ group: slow, tenant: '${ .who }', priority: low }");
        Definition child = deploy("c", "{ group: other, priority: high }");
        String run =
                starter.startByEvent(slow, RealStore.json("{ who: 'acme' }"), "s\n1", Service.Asked.NOTHING, false);
        var parent = new Run.Parent(run, "/do/0/x", 1, true);
        starter.startChild(child, RealStore.json("{}"), parent);
        String id = starter.childOf(run, "/do/0/x", 1);
        assertThat(of(id).group()).isEqualTo("slow");
        assertThat(store.runs.head(id).orElseThrow().identity().service())
                .isEqualTo(store.runs.head(run).orElseThrow().identity().service());
    }
}
