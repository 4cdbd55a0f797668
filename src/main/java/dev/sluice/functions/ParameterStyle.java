package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How a parameter's value is written: {@code style} and {@code explode} of OpenAPI 3, {@code collectionFormat} of
 * Swagger 2.0 in the same words.
 *
 * @param json true for a parameter with {@code content}: its value is written as JSON
 */
record ParameterStyle(String style, boolean explode, boolean json) {
    static ParameterStyle of(JsonNode parameter, boolean swagger2) {
        String in = parameter.path("in").asText();
        boolean likeForm = in.equals("query") || in.equals("cookie") || in.equals("formData");
        if (swagger2) {
            return switch (parameter.path("collectionFormat").asText()) {
                case "multi" -> new ParameterStyle("form", true, false);
                case "ssv" -> new ParameterStyle("spaceDelimited", false, false);
                case "tsv" -> new ParameterStyle("tabDelimited", false, false);
                case "pipes" -> new ParameterStyle("pipeDelimited", false, false);
                default -> new ParameterStyle(likeForm ? "form" : "simple", false, false);
            };
        }
        String style = parameter.path("style").asText(likeForm ? "form" : "simple");
        return new ParameterStyle(
                style, parameter.path("explode").asBoolean(style.equals("form")), parameter.has("content"));
    }

    /** In place of {@code {name}}, encoded. */
    String inPath(String name, JsonNode value) {
        if (json) return Uris.encode(value.toString());
        String encodedName = Uris.encode(name);
        return switch (style) {
            case "label" -> "." + joined(value, explode ? "." : ",", Uris::encode);
            case "matrix" -> matrix(encodedName, value);
            default -> joined(value, separator(), Uris::encode);
        };
    }

    private String matrix(String name, JsonNode value) {
        if (!explode || !value.isContainerNode()) return ";" + name + "=" + joined(value, ",", Uris::encode);
        if (value.isObject()) return ";" + joined(value, ";", Uris::encode);
        return value.valueStream()
                .map(one -> ";" + name + "=" + Uris.encode(CallBody.text(one)))
                .collect(Collectors.joining());
    }

    /** Not encoded. */
    String inHeader(JsonNode value) {
        return json ? value.toString() : joined(value, separator(), UnaryOperator.identity());
    }

    /** {@code name=value} each, encoded. */
    List<String> inQuery(String name, JsonNode value) {
        String encodedName = Uris.encode(name);
        if (json) return List.of(encodedName + "=" + Uris.encode(value.toString()));
        var pairs = new ArrayList<String>();
        if (value.isObject() && style.equals("deepObject")) {
            value.properties()
                    .forEach(m -> pairs.add(Uris.encode(name + "[" + m.getKey() + "]") + "=" + encoded(m.getValue())));
        } else if (value.isObject() && explode) {
            value.properties().forEach(m -> pairs.add(Uris.encode(m.getKey()) + "=" + encoded(m.getValue())));
        } else if (value.isArray() && explode) {
            value.forEach(one -> pairs.add(encodedName + "=" + encoded(one)));
        } else {
            pairs.add(encodedName + "=" + joined(value, Uris.encode(separator()).replace("%2C", ","), Uris::encode));
        }
        return pairs;
    }

    private static String encoded(JsonNode value) {
        return Uris.encode(CallBody.text(value));
    }

    private String separator() {
        return switch (style) {
            case "spaceDelimited" -> " ";
            case "tabDelimited" -> "\t";
            case "pipeDelimited" -> "|";
            default -> ",";
        };
    }

    /** Objects as {@code key=value} when exploded, else as {@code key,value}. */
    private String joined(JsonNode value, String separator, UnaryOperator<String> encoding) {
        if (value.isArray()) {
            return value.valueStream()
                    .map(one -> encoding.apply(CallBody.text(one)))
                    .collect(Collectors.joining(separator));
        }
        if (!value.isObject()) return encoding.apply(CallBody.text(value));
        return value.propertyStream()
                .map(m -> encoding.apply(m.getKey())
                        + (explode ? "=" : separator)
                        + encoding.apply(CallBody.text(m.getValue())))
                .collect(Collectors.joining(separator));
    }
}
