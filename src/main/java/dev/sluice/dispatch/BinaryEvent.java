package dev.sluice.dispatch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A CloudEvent in the binary mode of its HTTP binding. */
record BinaryEvent(Map<String, String> headers, byte[] body) {
    private static final Set<String> NOT_IN_HEADERS = Set.of("data", "data_base64", "datacontenttype");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,100}");

    /**
     * @param envelope in the JSON event format
     * @throws ProblemException SL4025 when it has a form that no header can carry
     */
    static BinaryEvent of(JsonNode envelope) {
        var headers = new HashMap<String, String>();
        envelope.properties().forEach(attribute -> {
            if (NOT_IN_HEADERS.contains(attribute.getKey())
                    || attribute.getValue().isNull()) return;
            if (!NAME.matcher(attribute.getKey()).matches()) {
                throw unfit("an attribute is called '" + attribute.getKey() + "'; names have a to z and 0 to 9 only");
            }
            headers.put("ce-" + attribute.getKey(), StepContract.percentEncoded(text(attribute.getValue())));
        });
        boolean hasData = envelope.hasNonNull("data") || envelope.hasNonNull("data_base64");
        String type = envelope.path("datacontenttype").asText("application/json");
        if (type.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw unfit("its datacontenttype is '" + type + "'");
        }
        if (hasData) headers.put("content-type", type);
        return new BinaryEvent(Map.copyOf(headers), hasData ? body(envelope, type) : new byte[0]);
    }

    private static byte[] body(JsonNode envelope, String type) {
        if (envelope.hasNonNull("data_base64")) {
            try {
                return Base64.getDecoder().decode(envelope.get("data_base64").asText());
            } catch (IllegalArgumentException e) {
                throw unfit("its data_base64 is not base 64: " + e.getMessage());
            }
        }
        JsonNode data = envelope.get("data");
        boolean isText = data.isTextual() && !type.toLowerCase(Locale.ROOT).contains("json");
        String text = isText ? data.textValue() : data.toString();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private static ProblemException unfit(String reason) {
        return Problem.of(Code.SL4025, "the event cannot be sent: " + reason).asException();
    }
}
