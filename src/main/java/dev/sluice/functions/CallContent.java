package dev.sluice.functions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a step gets of an answer: its content, the whole response, or its bytes. */
final class CallContent {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([\\w.:+-]+)", Pattern.CASE_INSENSITIVE);

    private static final Set<String> TEXTS = Set.of(
            "application/xml",
            "application/yaml",
            "application/x-yaml",
            "application/x-ndjson",
            "application/javascript",
            "application/x-www-form-urlencoded");

    /** Not shown in a step's output, which is kept and shown to everybody who may see the run. */
    private static final Set<String> SECRET = Set.of("authorization", "cookie", "proxy-authorization");

    private CallContent() {}

    /**
     * JSON becomes a tree, text of any kind a string, no body null, everything else base64. An answer that does not
     * name its type is taken as JSON when it is an object or array.
     *
     * @throws dev.sluice.workflow.ProblemException SL4015 (502) when it says that it is JSON and is not
     */
    static JsonNode content(Received answer) {
        if (answer.body().length == 0) return NullNode.instance;
        String contentType = answer.header("Content-Type");
        String type = CallBody.mediaType(contentType);
        if (isJson(type)) return json(answer);
        if (isText(type)) return TextNode.valueOf(new String(answer.body(), charset(contentType)));
        if (type.isEmpty()) {
            return tryJson(answer.body()).filter(JsonNode::isContainerNode).orElseGet(() -> raw(answer));
        }
        return raw(answer);
    }

    /** The bytes as base64; null when there are none. */
    static JsonNode raw(Received answer) {
        if (answer.body().length == 0) return NullNode.instance;
        return TextNode.valueOf(Base64.getEncoder().encodeToString(answer.body()));
    }

    /**
     * {@code {"request": {"method", "uri", "headers"}, "statusCode", "headers", "content"}}; names of headers are in
     * lower case.
     */
    static ObjectNode response(Received answer) {
        Outgoing asked = answer.request();
        ObjectNode response = JsonNodeFactory.instance.objectNode();
        ObjectNode request = response.putObject("request");
        request.put("method", asked.method()).put("uri", asked.uri().toString());
        request.set("headers", headers(asked.headers()));
        response.put("statusCode", answer.status());
        response.set("headers", headers(answer.headers().map()));
        response.set("content", content(answer));
        return response;
    }

    private static ObjectNode headers(Map<String, List<String>> headers) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!SECRET.contains(lower)) shown.put(lower, String.join(", ", values));
        });
        return shown;
    }

    static JsonNode json(Received answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw CallFailure.unusable(answer.request(), "it is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw CallFailure.unusable(answer.request(), "it is not readable as JSON", e);
        }
    }

    /** Empty when the bytes are not JSON. */
    static Optional<JsonNode> tryJson(byte[] bytes) {
        try {
            return Optional.of(JSON.readTree(bytes)).filter(tree -> !tree.isMissingNode());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static boolean isJson(String mediaType) {
        return mediaType.equals("application/json") || mediaType.endsWith("+json") || mediaType.equals("text/json");
    }

    private static boolean isText(String mediaType) {
        return mediaType.startsWith("text/")
                || mediaType.endsWith("+xml")
                || mediaType.endsWith("+yaml")
                || TEXTS.contains(mediaType);
    }

    /** UTF-8 unless another one is named that this JDK knows. */
    private static Charset charset(String contentType) {
        Matcher named = CHARSET.matcher(contentType);
        try {
            return named.find() ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
