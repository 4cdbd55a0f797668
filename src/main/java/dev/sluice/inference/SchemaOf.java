package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes the schema and the reader of an {@link AnswerType}, component by component. */
final class SchemaOf {
    /** Ten: what endpoints that enforce schemas take. */
    static final int DEPTH_MAX = 10;

    /** 1,000 digits before and after the point: more is no number of a document but one that fills the memory. */
    private static final int DIGITS_MAX = 1_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What one type looks like as JSON. @param schema not to be changed */
    record Shape(ObjectNode schema, Reader reader) {}

    /** Makes a value. */
    interface Reader {
        /** @throws IllegalArgumentException that starts with {@code at}, a JSON pointer */
        Object read(JsonNode json, String at);
    }

    private static final Map<Type, Shape> SIMPLE = Map.ofEntries(
            Map.entry(String.class, of("string", "", JsonNode::isTextual, JsonNode::textValue)),
            Map.entry(boolean.class, of("boolean", "", JsonNode::isBoolean, JsonNode::booleanValue)),
            Map.entry(
                    int.class,
                    of("integer", "", JsonNode::isNumber, json -> number(json).intValueExact())),
            Map.entry(
                    long.class,
                    of("integer", "", JsonNode::isNumber, json -> number(json).longValueExact())),
            Map.entry(
                    BigInteger.class,
                    of("integer", "", JsonNode::isNumber, json -> number(json).toBigIntegerExact())),
            Map.entry(
                    double.class,
                    of("number", "", JsonNode::isNumber, json -> number(json).doubleValue())),
            Map.entry(BigDecimal.class, of("number", "", JsonNode::isNumber, SchemaOf::number)),
            Map.entry(
                    LocalDate.class,
                    of("string", "date", JsonNode::isTextual, json -> LocalDate.parse(json.textValue()))),
            Map.entry(
                    Instant.class,
                    of("string", "date-time", JsonNode::isTextual, json -> Instant.parse(json.textValue()))));

    private static final Map<Type, Type> BOXES = Map.of(
            Boolean.class, boolean.class, Integer.class, int.class, Long.class, long.class, Double.class, double.class);

    /** The records around the one that is being made, the outermost first. */
    private final Deque<Class<?>> around = new ArrayDeque<>();

    private static Shape of(
            String type, String format, Function<JsonNode, Boolean> is, Function<JsonNode, Object> value) {
        ObjectNode schema = JSON.objectNode().put("type", type);
        if (!format.isEmpty()) schema.put("format", format);
        String what = "must be of type " + type + (format.isEmpty() ? "" : " and format " + format);
        return new Shape(schema, (json, at) -> {
            try {
                if (is.apply(json)) return value.apply(json);
            } catch (ArithmeticException | DateTimeException outOfRange) {
                throw wrong(at, what + ": " + outOfRange.getMessage());
            }
            throw wrong(at, what);
        });
    }

    /** @throws ArithmeticException when it is not finite or has too many digits to be made a whole number */
    private static BigDecimal number(JsonNode json) {
        if (json.isFloatingPointNumber() && !Double.isFinite(json.doubleValue())) {
            throw new ArithmeticException("it is not finite");
        }
        BigDecimal number = json.decimalValue();
        if (Math.abs((long) number.scale()) > DIGITS_MAX) throw new ArithmeticException("it has too many digits");
        return number;
    }

    Shape record(Class<? extends Record> type) {
        if (around.contains(type)) throw refused(type.getSimpleName() + " holds itself; a schema must have an end");
        if (around.size() == DEPTH_MAX) throw refused("records are deeper than " + DEPTH_MAX);
        if (type.getTypeParameters().length > 0) throw refused("a generic record has no schema of its own");
        around.addLast(type);
        RecordComponent[] components = type.getRecordComponents();
        ObjectNode schema = JSON.objectNode().put("type", "object");
        describe(schema, type);
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        List<Reader> readers = new ArrayList<>();
        for (RecordComponent component : components) {
            Shape shape = component(component);
            ObjectNode property = shape.schema().deepCopy();
            describe(property, component);
            properties.set(component.getName(), property);
            required.add(component.getName());
            readers.add(shape.reader());
        }
        schema.put("additionalProperties", false);
        around.removeLast();
        Constructor<? extends Record> constructor = constructor(type, components);
        return new Shape(schema, (json, at) -> make(constructor, components, readers, json, at));
    }

    private Shape component(RecordComponent component) {
        try {
            return shape(component.getGenericType());
        } catch (Refused refused) {
            throw refused.at(component.getDeclaringRecord().getSimpleName() + "." + component.getName());
        }
    }

    private Shape shape(Type type) {
        Shape simple = SIMPLE.get(BOXES.getOrDefault(type, type));
        if (simple != null) return simple;
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return list(shape(generic.getActualTypeArguments()[0]));
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            Type inner = generic.getActualTypeArguments()[0];
            boolean twice = inner instanceof ParameterizedType nested && nested.getRawType() == Optional.class;
            if (twice) throw refused("an Optional of an Optional cannot be told from an Optional");
            return optional(shape(inner));
        }
        if (type instanceof Class<?> plain && plain.isEnum()) return constants(plain);
        if (type instanceof Class<?> plain && plain.isRecord()) return record(plain.asSubclass(Record.class));
        throw refused("the type " + type.getTypeName() + " has no schema; use String, int, long, double, boolean,"
                + " BigInteger, BigDecimal, LocalDate, Instant, an enum, a record, a List or an Optional of these");
    }

    private static Shape list(Shape item) {
        ObjectNode schema = JSON.objectNode().put("type", "array");
        schema.set("items", item.schema().deepCopy());
        return new Shape(schema, (json, at) -> {
            if (!json.isArray()) throw wrong(at, "must be of type array");
            List<Object> items = new ArrayList<>(json.size());
            for (int i = 0; i < json.size(); i++) {
                items.add(item.reader().read(json.get(i), at + "/" + i));
            }
            return List.copyOf(items);
        });
    }

    private static Shape optional(Shape inner) {
        Reader reader = (json, at) -> json.isNull() || json.isMissingNode()
                ? Optional.empty()
                : Optional.of(inner.reader().read(json, at));
        return new Shape(nullable(inner.schema()), reader);
    }

    private static ObjectNode nullable(ObjectNode schema) {
        String type = schema.path("type").asText();
        ObjectNode nullable = JSON.objectNode();
        if (type.equals("object")) {
            nullable.putArray("anyOf").add(schema.deepCopy()).addObject().put("type", "null");
            return nullable;
        }
        nullable.setAll(schema.deepCopy());
        nullable.putArray("type").add(type).add("null");
        if (nullable.path("enum") instanceof ArrayNode constants) constants.addNull();
        return nullable;
    }

    private static Shape constants(Class<?> type) {
        Map<String, Enum<?>> byName = Arrays.stream(type.getEnumConstants())
                .map(constant -> (Enum<?>) constant)
                .collect(Collectors.toMap(Enum::name, Function.identity()));
        ObjectNode schema = JSON.objectNode().put("type", "string");
        ArrayNode names = schema.putArray("enum");
        for (Object constant : type.getEnumConstants()) names.add(((Enum<?>) constant).name());
        return new Shape(schema, (json, at) -> {
            Enum<?> constant = byName.get(json.asText(""));
            if (!json.isTextual() || constant == null) throw wrong(at, "must be one of " + names);
            return constant;
        });
    }

    private static void describe(ObjectNode schema, AnnotatedElement element) {
        Description description = element.getAnnotation(Description.class);
        if (description != null) schema.put("description", description.value());
    }

    private static Constructor<? extends Record> constructor(
            Class<? extends Record> type, RecordComponent[] components) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor;
        } catch (NoSuchMethodException notRegistered) {
            throw refused(
                    type.getName() + " has no canonical constructor here; natively it needs @RegisterForReflection");
        }
    }

    private static Object make(
            Constructor<? extends Record> constructor,
            RecordComponent[] components,
            List<Reader> readers,
            JsonNode json,
            String at) {
        if (!json.isObject()) throw wrong(at, "must be of type object");
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            String name = components[i].getName();
            values[i] = readers.get(i).read(json.path(name), at + "/" + name);
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException refused) {
            throw wrong(at, "is refused: " + refused.getCause().getMessage());
        } catch (ReflectiveOperationException notRegistered) {
            throw new IllegalStateException(constructor + " cannot be called", notRegistered);
        }
    }

    private static IllegalArgumentException wrong(String at, String what) {
        return new IllegalArgumentException((at.isEmpty() ? "/" : at) + " " + what);
    }

    private static Refused refused(String why) {
        return new Refused("", why);
    }

    /** A type that has no schema. */
    private static final class Refused extends IllegalArgumentException {
        private final String where;
        private final String why;

        Refused(String where, String why) {
            super(where + why);
            this.where = where;
            this.why = why;
        }

        /** The outermost component is named first. */
        Refused at(String component) {
            return new Refused(component + ": " + where, why);
        }
    }
}
