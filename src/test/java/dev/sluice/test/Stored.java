package dev.sluice.test;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Value;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run written as text and read back, so that nothing survives a crash but what is data: records as objects with their
 * components, those of a sealed interface with the name of their class, times as text.
 */
final class Stored {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;
    private static final String CLASS = "@";

    private Stored() {}

    static Run reread(Run run) {
        try {
            return (Run) read(JSON.readTree(JSON.writeValueAsString(write(run))), Run.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the run " + run.id() + " cannot be stored", e);
        }
    }

    private static JsonNode write(Object value) {
        return switch (value) {
            case Value v -> v.tree();
            case JsonNode node -> node;
            case Optional<?> optional ->
                optional.<JsonNode>map(v -> MAKE.arrayNode().add(write(v))).orElse(MAKE.arrayNode());
            case List<?> list -> {
                ArrayNode array = MAKE.arrayNode();
                list.forEach(each -> array.add(write(each)));
                yield array;
            }
            case Map<?, ?> map -> {
                ObjectNode object = MAKE.objectNode();
                map.forEach((name, each) -> object.set((String) name, write(each)));
                yield object;
            }
            case Integer number -> MAKE.numberNode(number);
            case Long number -> MAKE.numberNode(number);
            case Boolean truth -> MAKE.booleanNode(truth);
            case Record fields -> writeRecord(fields);
            case Enum<?> constant -> MAKE.textNode(constant.name());
            default -> MAKE.textNode(value.toString());
        };
    }

    private static JsonNode writeRecord(Record value) {
        ObjectNode object = MAKE.objectNode().put(CLASS, value.getClass().getName());
        for (RecordComponent part : value.getClass().getRecordComponents()) {
            try {
                part.getAccessor().setAccessible(true);
                object.set(part.getName(), write(part.getAccessor().invoke(value)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + part, e);
            }
        }
        return object;
    }

    private static Object read(JsonNode json, Type type) {
        if (type instanceof ParameterizedType generic) return readGeneric(json, generic);
        return switch (((Class<?>) type).getSimpleName()) {
            case "Value" -> Value.of(json);
            case "JsonNode" -> json;
            case "String" -> json.textValue();
            case "int", "Integer" -> json.intValue();
            case "long", "Long" -> json.longValue();
            case "boolean", "Boolean" -> json.booleanValue();
            case "Instant" -> Instant.parse(json.textValue());
            case "Duration" -> Duration.parse(json.textValue());
            case "Priority" -> Priority.valueOf(json.textValue());
            default -> readRecord(json, (Class<?>) type);
        };
    }

    private static Object readGeneric(JsonNode json, ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == Optional.class) {
            return json.isEmpty() ? Optional.empty() : Optional.of(read(json.get(0), arguments[0]));
        }
        if (raw == List.class) {
            var list = new ArrayList<Object>();
            json.forEach(each -> list.add(read(each, arguments[0])));
            return List.copyOf(list);
        }
        var map = new LinkedHashMap<String, Object>();
        json.properties().forEach(each -> map.put(each.getKey(), read(each.getValue(), arguments[1])));
        return map;
    }

    private static Object readRecord(JsonNode json, Class<?> declared) {
        try {
            Class<?> type = Class.forName(json.path(CLASS).asText(declared.getName()));
            RecordComponent[] parts = type.getRecordComponents();
            var constructor = type.getDeclaredConstructor(
                    Arrays.stream(parts).map(RecordComponent::getType).toArray(Class[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(Arrays.stream(parts)
                    .map(part -> read(
                            json.path(part.getName()).isMissingNode() ? NullNode.instance : json.get(part.getName()),
                            part.getGenericType()))
                    .toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot be read back: " + json, e);
        }
    }
}
