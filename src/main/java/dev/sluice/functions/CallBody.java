package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the body of a request, by the content type that the author gave it. */
final class CallBody {
    private static final String FORM = "application/x-www-form-urlencoded";

    private CallBody() {}

    /**
     * With no content type, or one of JSON, any value is written as JSON, a string too. A form takes an object; its
     * arrays become repeated fields. Any other type takes a string, which is sent as it is, in UTF-8.
     *
     * @param body missing or null: the request stays without one
     * @throws dev.sluice.workflow.ProblemException SL4008 when the value does not go with the type
     */
    static Outgoing add(Outgoing request, JsonNode body) {
        if (body.isMissingNode() || body.isNull()) return request;
        Outgoing typed = request.withDefault("Content-Type", "application/json");
        String type = mediaType(typed.headers().get("Content-Type").getFirst());
        String text;
        if (CallContent.isJson(type)) text = body.toString();
        else if (body.isTextual()) text = body.asText();
        else if (type.equals(FORM) && body.isObject()) text = form(pairs(body));
        else {
            throw CallFailure.configuration(
                    "a body of the type '" + type + "' must be a text" + (type.equals(FORM) ? " or an object" : "")
                            + "; without a content-type header it is sent as JSON");
        }
        return new Outgoing(typed.method(), typed.uri(), typed.headers(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** In lower case, without parameters. */
    static String mediaType(String contentType) {
        return contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** A name and its values: a scalar is one, the elements of an array are one each, null is none. */
    static List<Map.Entry<String, String>> pairs(JsonNode object) {
        var pairs = new ArrayList<Map.Entry<String, String>>();
        object.properties().forEach(member -> {
            JsonNode value = member.getValue();
            Iterable<JsonNode> values = value.isArray() ? value : List.of(value);
            for (JsonNode one : values) {
                if (!one.isNull()) pairs.add(Map.entry(member.getKey(), text(one)));
            }
        });
        return pairs;
    }

    /** A scalar as people write it; an object or array as JSON. */
    static String text(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    static String form(List<Map.Entry<String, String>> fields) {
        return fields.stream()
                .map(field -> formEncode(field.getKey()) + "=" + formEncode(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String formEncode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
