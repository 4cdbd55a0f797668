package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.RealRedis;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.ProblemException;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
    private final RealStore store = new RealStore();
    private final Definitions definitions = store.definitions();

    private Definition deploy(String name, String function) {
        return definitions.deploy(RealStore.document(name, "do: [ { x: { call: " + function + " } } ]"));
    }

    @Test
    void theLatestRevisionIsTheOneDeployedLast() {
        deploy("w", "f");
        var second = deploy("w", "g");
        assertThat(store.definitions().latest("w").orElseThrow().revision()).isEqualTo(second.revision());
    }

    @Test
    void aFormerRevisionStaysForTheRunsThatAreOnIt() {
        var first = deploy("w", "f");
        deploy("w", "g");
        assertThat(store.definitions().revision("w", first.revision()).functions())
                .containsExactly("f");
    }

    @Test
    void deployingTheSameTwiceChangesNothing() {
        deploy("w", "f");
        var keys = store.redis.keys();
        deploy("w", "f");
        assertThat(store.redis.keys()).isEqualTo(keys);
        assertThat(store.redis.hash(Keys.revisions("w"))).hasSize(1);
    }

    @Test
    void goingBackToAFormerRevisionMakesItTheLatest() {
        var first = deploy("w", "f");
        deploy("w", "g");
        deploy("w", "f");
        assertThat(store.definitions().latest("w").orElseThrow().revision()).isEqualTo(first.revision());
    }

    @Test
    void everyFunctionHasItsLanesInAllPartitionsBeforeTheFirstTask() {
        deploy("w", "f");
        for (var partition : store.redis.partitions.all()) {
            assertThat(store.redis.tasks.take(partition, "f", "d", 1, RealRedis.T0))
                    .isEmpty();
        }
        assertThat(store.redis.tasks.functions()).containsExactly("f");
    }

    @Test
    void allWorkflowsAreListedByName() {
        deploy("b", "f");
        deploy("a", "f");
        assertThat(store.definitions().all()).extracting(Definition::name).containsExactly("a", "b");
    }

    @Test
    void aDocumentThatIsRefusedLeavesNothingBehind() {
        assertThatThrownBy(() -> definitions.deploy("nonsense")).isInstanceOf(ProblemException.class);
        assertThat(store.redis.keys()).isEmpty();
    }

    @Test
    void whatWasNeverDeployedIsUnknown() {
        assertThat(definitions.latest("w")).isEmpty();
        assertThatThrownBy(() -> definitions.revision("w", "0")).hasMessageContaining("SL2001");
    }
}
