package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * A CloudEvent 1.0 that came in over HTTP.
 *
 * @param envelope all attributes and {@code data}, in the JSON event format
 */
record CloudEventIn(ObjectNode envelope) {
    private static final String PREFIX = "ce-";
    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    /** @throws ProblemException SL2007 saying what is missing or wrong */
    static CloudEventIn read(HttpHeaders headers, byte[] body) {
        String contentType = headers.getHeaderString(HttpHeaders.CONTENT_TYPE);
        String mediaType = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        if (mediaType.startsWith("application/cloudevents-batch")) {
            throw malformed("batch mode is not supported; send one event a request");
        }
        ObjectNode envelope =
                mediaType.startsWith("application/cloudevents") ? structured(body) : binary(headers, mediaType, body);
        for (String attribute : REQUIRED) {
            JsonNode value = envelope.path(attribute);
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw malformed("the attribute '" + attribute + "' is missing; an event has " + REQUIRED
                        + ", as headers ce-… or in a body of application/cloudevents+json");
            }
        }
        if (!envelope.get("specversion").textValue().equals("1.0")) {
            throw malformed("specversion is '" + envelope.get("specversion").textValue() + "'; 1.0 is supported");
        }
        return new CloudEventIn(envelope);
    }

    String type() {
        return envelope.get("type").textValue();
    }

    /** {@code source} and {@code id} together name an event. */
    String name() {
        return envelope.get("source").textValue() + "\n" + envelope.get("id").textValue();
    }

    private static ObjectNode structured(byte[] body) {
        try {
            if (Body.json(body) instanceof ObjectNode envelope) return envelope;
            throw malformed("the body is not a JSON object");
        } catch (ProblemException e) {
            throw malformed(e.problem().detail());
        }
    }

    private static ObjectNode binary(HttpHeaders headers, String mediaType, byte[] body) {
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(headers.getRequestHeaders()).forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(PREFIX)) {
                envelope.put(lower.substring(PREFIX.length()), percentDecoded(values.getFirst()));
            }
        });
        if (body == null || body.length == 0) return envelope;
        if (!mediaType.isEmpty()) envelope.put("datacontenttype", mediaType);
        if (mediaType.isEmpty() || mediaType.contains("json")) {
            try {
                envelope.set("data", Body.json(body));
            } catch (ProblemException e) {
                throw malformed("the data is not JSON: " + e.problem().detail());
            }
        } else if (mediaType.startsWith("text/")) {
            envelope.put("data", new String(body, StandardCharsets.UTF_8));
        } else {
            envelope.put("data_base64", Base64.getEncoder().encodeToString(body));
        }
        return envelope;
    }

    /** The HTTP binding encodes characters outside printable ASCII, and the percent sign. */
    private static String percentDecoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private static ProblemException malformed(String reason) {
        return Problem.of(Code.SL2007, reason).asException();
    }
}
