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
        return definitions
                .deploy(RealStore.document(name, "do: [ { x: { call: " + function + " } } ]"))
                .definition();
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
            assertThat(store.redis.tasks.take(partition, "f", "d", 1, RealRedis.T0, task -> ""))
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
        assertThat(definitions.revisions("w")).isEmpty();
        assertThat(definitions.latest("test.w")).isEmpty();
        assertThat(definitions.version("test", "w", "1.0.0")).isEmpty();
    }

    private static String document(String namespace, String version, String function) {
        return "document: { dsl: '1.0.1', namespace: %s, name: w, version: %s }\ndo: [ { x: { call: %s } } ]"
                .formatted(namespace, version, function);
    }

    @Test
    void onlyTheFirstDeploymentOfARevisionCreatesItAndItsTimeIsKept() {
        String source = document("test", "1.0.0", "f");
        var first = definitions.deploy(source);
        var second = store.definitions(RealRedis.T0.plusSeconds(1)).deploy(source);
        assertThat(first.created()).isTrue();
        assertThat(second.created()).isFalse();
        assertThat(second.deployedAt()).isEqualTo(first.deployedAt()).isEqualTo(RealRedis.T0);
    }

    @Test
    void theSameVersionMayHaveAnotherContentAndTheLastOneCounts() {
        definitions.deploy(document("test", "1.0.0", "f"));
        var last = definitions.deploy(document("test", "1.0.0", "g")).definition();
        definitions.deploy(document("test", "2.0.0", "h"));
        assertThat(definitions.version("test", "w", "1.0.0").orElseThrow().revision())
                .isEqualTo(last.revision());
    }

    @Test
    void revisionsAreListedTheOneDeployedLastFirst() {
        var first = definitions.deploy(document("test", "1.0.0", "f"));
        var second = store.definitions(RealRedis.T0.plusSeconds(1)).deploy(document("test", "1.1.0", "f"));
        assertThat(definitions.revisions("w"))
                .containsExactly(
                        new Definitions.Revision(
                                second.definition().revision(), "1.1.0", RealRedis.T0.plusSeconds(1), true),
                        new Definitions.Revision(first.definition().revision(), "1.0.0", RealRedis.T0, false));
    }

    @Test
    void aNameThatSeveralNamespacesHaveNeedsTheNamespace() {
        definitions.deploy(document("a", "1.0.0", "f"));
        assertThat(definitions.latest("w").orElseThrow().namespace()).isEqualTo("a");
        definitions.deploy(document("b", "1.0.0", "f"));
        assertThatThrownBy(() -> definitions.latest("w"))
                .hasMessageContaining("SL2018")
                .hasMessageContaining("a.w, b.w");
        assertThat(definitions.latest("b.w").orElseThrow().namespace()).isEqualTo("b");
        assertThat(definitions.all()).extracting(Definition::qualifiedName).containsExactly("a.w", "b.w");
    }

    @Test
    void aRevisionOfAnotherNamespaceIsUnknown() {
        var a = definitions.deploy(document("a", "1.0.0", "f")).definition();
        definitions.deploy(document("b", "1.0.0", "f"));
        assertThat(definitions.revision("w", a.revision()).namespace()).isEqualTo("a");
        assertThat(definitions.revision("a.w", a.revision()).namespace()).isEqualTo("a");
        assertThatThrownBy(() -> definitions.revision("b.w", a.revision())).hasMessageContaining("SL2001");
    }

    @Test
    void checkingLeavesNothingBehind() {
        assertThat(definitions.check(document("a", "1.0.0", "f")).functions()).containsExactly("f");
        assertThat(store.redis.keys()).isEmpty();
    }
}
