package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A JSON value of a run, read when it is first looked at: a run may hold a list of 100,000 items that the step at hand
 * has no use for. A value never changes, so whoever stored it may remember under what name.
 */
public final class Value {
    public static final Value NULL = of(NullNode.instance);

    private Supplier<JsonNode> source;
    private JsonNode tree;
    /** What the store wrote for this value; null until it has. */
    private String packed;

    private Value(JsonNode tree, Supplier<JsonNode> source, String packed) {
        this.tree = tree;
        this.source = source;
        this.packed = packed;
    }

    public static Value of(JsonNode tree) {
        return new Value(Objects.requireNonNull(tree), null, null);
    }

    /** @param packed the stored form, which {@code source} knows how to read */
    public static Value stored(String packed, Supplier<JsonNode> source) {
        return new Value(null, source, packed);
    }

    public JsonNode tree() {
        if (tree == null) {
            tree = source.get();
            source = null;
        }
        return tree;
    }

    public boolean isNull() {
        return tree().isNull();
    }

    /** The stored form, made by {@code pack} the first time. */
    public String packed(java.util.function.Function<JsonNode, String> pack) {
        if (packed == null) packed = pack.apply(tree());
        return packed;
    }

    /** Empty unless the value came from the store or went there. */
    public Optional<String> packed() {
        return Optional.ofNullable(packed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value && (value == this || value.tree().equals(tree()));
    }

    @Override
    public int hashCode() {
        return tree().hashCode();
    }

    @Override
    public String toString() {
        return tree == null ? packed : tree.toString();
    }
}
