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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A CloudEvent 1.0 that came in over HTTP.
 *
 * @param envelope all attributes and {@code data}, in the JSON event format
 */
record CloudEventIn(ObjectNode envelope) {
    private static final String PREFIX = "ce-";
    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    /** 1,000 events a batch: each is handed on before the answer goes out. */
    private static final int BATCH_MAX = 1_000;

    private static String mediaType(HttpHeaders headers) {
        String contentType = headers.getHeaderString(HttpHeaders.CONTENT_TYPE);
        return contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
    }

    private static boolean isBatch(HttpHeaders headers) {
        return mediaType(headers).startsWith("application/cloudevents-batch");
    }

    /** Whether the request is in one of the modes of the HTTP binding; plain JSON is in none. */
    static boolean isCloudEvent(HttpHeaders headers) {
        return mediaType(headers).startsWith("application/cloudevents")
                || headers.getHeaderString(PREFIX + "type") != null;
    }

    /**
     * All events of a request: one, or those of a batch.
     *
     * @throws ProblemException SL2007 saying what is missing or wrong with which
     */
    static List<CloudEventIn> readAll(HttpHeaders headers, byte[] body) {
        if (!isBatch(headers)) return List.of(read(headers, body));
        JsonNode batch = parsed(body);
        if (!batch.isArray() || batch.isEmpty() || batch.size() > BATCH_MAX) {
            throw malformed("a batch is a JSON array of 1 to " + BATCH_MAX + " events");
        }
        var events = new ArrayList<CloudEventIn>();
        for (JsonNode event : batch) {
            if (!(event instanceof ObjectNode envelope)) throw malformed("#" + events.size() + " is not an object");
            events.add(checked(envelope));
        }
        return events;
    }

    /**
     * An event from {@code {"type", "data"}} alone.
     *
     * @param id empty: one that no other event has
     */
    static CloudEventIn plain(ObjectNode body, String source, Optional<String> id, Instant at) {
        if (!body.path("type").isTextual() || body.path("type").asText().isBlank()) {
            throw malformed("'type' is missing: send {\"type\": …, \"data\": …}, or a CloudEvent");
        }
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        envelope.put("specversion", "1.0")
                .put("id", id.orElseGet(() -> UUID.randomUUID().toString()))
                .put("source", source)
                .put("type", body.get("type").textValue())
                .put("time", at.toString());
        if (body.has("data"))
            envelope.put("datacontenttype", "application/json").set("data", body.get("data"));
        return checked(envelope);
    }

    /** @throws ProblemException SL2007 saying what is missing or wrong */
    static CloudEventIn read(HttpHeaders headers, byte[] body) {
        if (isBatch(headers)) throw malformed("a batch is taken at /v1/events alone; send one event a request");
        String mediaType = mediaType(headers);
        return checked(
                mediaType.startsWith("application/cloudevents") ? structured(body) : binary(headers, mediaType, body));
    }

    private static CloudEventIn checked(ObjectNode envelope) {
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
        StartTerms.check(envelope);
        return new CloudEventIn(envelope);
    }

    String id() {
        return envelope.get("id").textValue();
    }

    String type() {
        return envelope.get("type").textValue();
    }

    /** {@code source} and {@code id} together name an event. */
    String name() {
        return envelope.get("source").textValue() + "\n" + envelope.get("id").textValue();
    }

    private static ObjectNode structured(byte[] body) {
        if (parsed(body) instanceof ObjectNode envelope) return envelope;
        throw malformed("the body is not a JSON object");
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return Body.json(body);
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
