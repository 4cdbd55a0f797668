package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A record that a model answers with: its JSON Schema, and how it is made of an answer. Keep it in a constant, for it
 * is made by reflection.
 *
 * <pre>{@code
 * record Invoice(@Description("as printed") String number, LocalDate due, Optional<String> buyer, List<Line> lines) {}
 *
 * AnswerType<Invoice> INVOICE = AnswerType.of(Invoice.class);
 * }</pre>
 *
 * <p>Components may be {@code String}, {@code int}, {@code long}, {@code double}, {@code boolean} and their boxes,
 * {@code BigInteger}, {@code BigDecimal}, {@code LocalDate}, {@code Instant}, enums, records, {@code List} and
 * {@code Optional} of these. Only an {@code Optional} may be null. Records may hold others to a depth of
 * {@value SchemaOf#DEPTH_MAX}, but not themselves.
 *
 * <p>The schema is in the subset that endpoints enforce ({@code strict}): every object has {@code additionalProperties:
 * false} and requires all its members, where what is optional may be null.
 *
 * <p>In a native image every record, enums not included, needs
 * {@link io.quarkus.runtime.annotations.RegisterForReflection}.
 */
public final class AnswerType<R extends Record> {
    private final Class<R> type;
    private final SchemaOf.Shape shape;

    private AnswerType(Class<R> type, SchemaOf.Shape shape) {
        this.type = type;
        this.shape = shape;
    }

    /**
     * @throws IllegalArgumentException when the record has a component of another type than those above, holds itself,
     *     or is too deep; the message names the component
     */
    public static <R extends Record> AnswerType<R> of(Class<R> type) {
        return new AnswerType<>(type, new SchemaOf().record(type));
    }

    /** The record's simple name, as {@link Ask#schemaName} wants it. */
    public String name() {
        String name = type.getSimpleName().replaceAll("[^A-Za-z0-9_-]", "_");
        return name.length() <= 64 ? name : name.substring(0, 64);
    }

    /** A copy: whoever gets it may change it. */
    public JsonNode schema() {
        return shape.schema().deepCopy();
    }

    /**
     * Makes the record by its canonical constructor.
     *
     * @param answer valid against {@link #schema}
     * @throws IllegalArgumentException when a value is not valid or out of its type's range, or when a constructor
     *     refuses it; the message starts with the place, such as {@code /lines/0/amount}, and says what must hold
     */
    public R read(JsonNode answer) {
        return type.cast(shape.reader().read(answer, ""));
    }
}
