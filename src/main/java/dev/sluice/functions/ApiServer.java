package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.workflow.ProblemException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Which server an operation is called on. */
final class ApiServer {
    private ApiServer() {}

    /**
     * The base address, without a slash at its end. OpenAPI 3: the first server of the operation, else of its path,
     * else of the document, with the defaults of its variables. Swagger 2.0: scheme, host and base path. What is
     * missing or relative is taken from the address of the document.
     *
     * @throws dev.sluice.workflow.ProblemException SL4018 when no server is named
     */
    static String of(ApiDocument document, ApiDocument.Operation operation) {
        String base = document.swagger2() ? swagger2(document, operation) : openapi3(document, operation);
        return base.replaceAll("/+$", "");
    }

    private static String openapi3(ApiDocument document, ApiDocument.Operation operation) {
        JsonNode server = Stream.of(operation.tree(), operation.item(), document.root())
                .map(at -> at.path("servers").path(0))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElse(MissingNode.getInstance());
        String url = server.path("url").asText("/");
        for (Map.Entry<String, JsonNode> variable : server.path("variables").properties()) {
            String value = variable.getValue().path("default").asText();
            url = url.replace("{" + variable.getKey() + "}", value);
        }
        URI resolved = document.address().resolve(Uris.parse(url));
        if (!isWeb(resolved)) throw noServer();
        return resolved.toString();
    }

    private static String swagger2(ApiDocument document, ApiDocument.Operation operation) {
        URI address = document.address();
        String host = document.root().path("host").asText(isWeb(address) ? address.getRawAuthority() : "");
        if (host.isEmpty()) throw noServer();
        String path = document.root().path("basePath").asText("");
        return scheme(document, operation) + "://" + host + (path.isEmpty() || path.startsWith("/") ? "" : "/") + path;
    }

    /** The document's own if it is listed, else https if it is, else the first. */
    private static String scheme(ApiDocument document, ApiDocument.Operation operation) {
        JsonNode own = operation.tree().path("schemes");
        JsonNode listed = own.isEmpty() ? document.root().path("schemes") : own;
        String address = String.valueOf(document.address().getScheme()).toLowerCase(Locale.ROOT);
        String documents = isWeb(document.address()) ? address : "https";
        var schemes = listed.valueStream().map(JsonNode::asText).toList();
        if (schemes.isEmpty() || schemes.contains(documents)) return documents;
        return schemes.contains("https") ? "https" : schemes.getFirst();
    }

    private static boolean isWeb(URI address) {
        return address.getHost() != null
                && String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT).matches("https?");
    }

    private static ProblemException noServer() {
        return CallFailure.document("it names no server, and it was not fetched from one");
    }
}
