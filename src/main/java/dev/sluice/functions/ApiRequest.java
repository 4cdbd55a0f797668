package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.ProblemException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes the request of an operation: each given parameter goes where the document puts it. What the document does not
 * declare goes into the body: the parameter {@code body} as a whole, others as members of it when the body's schema has
 * them. Whatever finds no place is refused, so that a typing error is not lost.
 */
final class ApiRequest {
    /** Schemas that are made of schemas: more levels are a circle. */
    private static final int SCHEMA_DEPTH_MAX = 10;

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Set<String> BODY_PLACES = Set.of("body", "formData");

    private final ApiDocument document;
    private final ApiDocument.Operation operation;
    private final JsonNode given;

    /** Names of what was given and has found its place. */
    private final Set<String> placed = new TreeSet<>();

    private final List<String> query = new ArrayList<>();
    private final List<String> cookies = new ArrayList<>();
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final ObjectNode form = JsonNodeFactory.instance.objectNode();
    private String path;
    private JsonNode body = MissingNode.getInstance();

    private ApiRequest(ApiDocument document, ApiDocument.Operation operation, JsonNode given) {
        this.document = document;
        this.operation = operation;
        this.given = given;
        this.path = operation.path();
    }

    /**
     * @param given by name
     * @throws ProblemException SL4008 of type validation when a required one is missing or one is unknown, SL4018 when
     *     the document cannot be followed
     */
    static Outgoing of(ApiDocument document, ApiDocument.Operation operation, JsonNode given) {
        return new ApiRequest(document, operation, given).build();
    }

    /** What the schemas of an operation's bodies say; @param name as {@code parameters} may call it as a whole */
    record Body(String name, JsonNode schema, boolean required) {}

    /** Empty when the operation has no body, or one that is a form of Swagger 2.0, whose fields are parameters. */
    static Optional<Body> body(ApiDocument document, ApiDocument.Operation operation) {
        for (JsonNode parameter : operation.parameters()) {
            if (!parameter.path("in").asText().equals("body")) continue;
            boolean required = parameter.path("required").asBoolean();
            return Optional.of(new Body(parameter.path("name").asText(), parameter.path("schema"), required));
        }
        JsonNode content = document.resolve(operation.tree().path("requestBody"));
        if (!content.isObject()) return Optional.empty();
        String type = new ApiRequest(document, operation, JsonNodeFactory.instance.objectNode()).contentType();
        JsonNode schema = content.path("content").path(type).path("schema");
        return Optional.of(new Body("body", schema, content.path("required").asBoolean()));
    }

    private Outgoing build() {
        for (JsonNode parameter : operation.parameters()) {
            if (!BODY_PLACES.contains(parameter.path("in").asText())) place(parameter);
        }
        for (JsonNode parameter : operation.parameters()) {
            if (parameter.path("in").asText().equals("formData")) placeInForm(parameter);
        }
        String type = contentType();
        body(document, operation).ifPresent(this::placeBody);
        refuseUnplaced();
        String uri = ApiServer.of(document, operation) + (path.startsWith("/") ? "" : "/") + path;
        Outgoing bare = new Outgoing(
                operation.method(), Uris.withQuery(Uris.web(uri), String.join("&", query)), headers, new byte[0]);
        if (!cookies.isEmpty()) bare = bare.with("Cookie", String.join("; ", cookies));
        if (producesJson()) bare = bare.withDefault("Accept", "application/json, */*;q=0.5");
        JsonNode sent = form.isEmpty() ? body : form;
        return sent.isMissingNode() ? bare : CallBody.add(bare.withDefault("Content-Type", type), sent);
    }

    private void place(JsonNode parameter) {
        String name = parameter.path("name").asText();
        String in = parameter.path("in").asText();
        JsonNode value = given.path(name);
        placed.add(name);
        if (isNothing(value) && isRequired(parameter)) value = defaultOf(parameter);
        if (isNothing(value)) {
            if (isRequired(parameter)) throw missing(name, "the " + in + " parameter");
            return;
        }
        var style = ParameterStyle.of(parameter, document.swagger2());
        switch (in) {
            case "path" -> path = path.replace("{" + name + "}", style.inPath(name, value));
            case "query" -> query.addAll(style.inQuery(name, value));
            case "cookie" -> cookies.addAll(style.inQuery(name, value));
            case "header" -> headers.put(name, List.of(style.inHeader(value)));
            default -> throw CallFailure.document("its parameter '" + name + "' is in '" + in + "', which is unknown");
        }
    }

    private void placeInForm(JsonNode parameter) {
        String name = parameter.path("name").asText();
        JsonNode value = given.path(name);
        placed.add(name);
        if (isNothing(value)) {
            if (parameter.path("required").asBoolean()) throw missing(name, "the form field");
            return;
        }
        if (parameter.path("type").asText().equals("file")) {
            throw CallFailure.document("its parameter '" + name + "' is an upload of a file, which is not supported");
        }
        boolean repeated =
                !value.isArray() || parameter.path("collectionFormat").asText().equals("multi");
        form.set(
                name,
                repeated
                        ? value
                        : JsonNodeFactory.instance.textNode(
                                ParameterStyle.of(parameter, true).inHeader(value)));
    }

    private void placeBody(Body declared) {
        JsonNode members = properties(declared.schema(), 0);
        for (String whole : List.of(declared.name(), "body")) {
            if (given.has(whole) && !placed.contains(whole) && !members.has(whole)) {
                placed.add(whole);
                body = given.get(whole);
                return;
            }
        }
        boolean open = members.isEmpty() || isOpen(declared.schema());
        ObjectNode gathered = JsonNodeFactory.instance.objectNode();
        given.properties().forEach(member -> {
            if (placed.contains(member.getKey()) || !(open || members.has(member.getKey()))) return;
            gathered.set(member.getKey(), member.getValue());
        });
        gathered.fieldNames().forEachRemaining(placed::add);
        if (!gathered.isEmpty()) body = gathered;
        else if (declared.required()) throw missing(declared.name(), "the body");
    }

    private boolean isOpen(JsonNode schema) {
        JsonNode more = document.resolve(schema).path("additionalProperties");
        return more.isObject() || more.asBoolean(false);
    }

    /** By name, of the schema and of what it is made of. */
    private ObjectNode properties(JsonNode schema, int depth) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        if (depth > SCHEMA_DEPTH_MAX) return all;
        JsonNode resolved = document.resolve(schema);
        resolved.path("properties").properties().forEach(p -> all.set(p.getKey(), p.getValue()));
        for (String made : List.of("allOf", "oneOf", "anyOf")) {
            for (JsonNode part : resolved.path(made)) all.setAll(properties(part, depth + 1));
        }
        return all;
    }

    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    static boolean isRequired(JsonNode parameter) {
        return parameter.path("required").asBoolean()
                || parameter.path("in").asText().equals("path");
    }

    private static JsonNode defaultOf(JsonNode parameter) {
        return parameter.has("default")
                ? parameter.get("default")
                : parameter.path("schema").path("default");
    }

    private void refuseUnplaced() {
        for (Iterator<String> names = given.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (placed.contains(name)) continue;
            List<String> known = operation.parameters().stream()
                    .map(parameter -> parameter.path("name").asText())
                    .toList();
            throw CallFailure.validation("the operation '" + operation.id() + "' has no parameter '" + name + "'"
                    + (known.isEmpty() ? "" : "; it has " + String.join(", ", known)));
        }
    }

    private ProblemException missing(String name, String what) {
        return CallFailure.validation("the operation '" + operation.id() + "' requires " + what + " '" + name
                + "'; add it to 'parameters' of the step");
    }

    /** Of the body: JSON when it may be, then a form, then what comes first. */
    private String contentType() {
        List<String> types = document.swagger2()
                ? ofEither("consumes")
                : document.resolve(operation.tree().path("requestBody"))
                        .path("content")
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .toList();
        boolean isForm = operation.parameters().stream()
                .anyMatch(p -> p.path("in").asText().equals("formData"));
        if (isForm) return FORM;
        return types.stream()
                .filter(type -> CallContent.isJson(CallBody.mediaType(type)))
                .findFirst()
                .or(() -> types.stream().filter(FORM::equals).findFirst())
                .or(() -> types.stream().findFirst())
                .orElse("application/json");
    }

    private List<String> ofEither(String list) {
        JsonNode own = operation.tree().path(list);
        JsonNode listed = own.isEmpty() ? document.root().path(list) : own;
        return listed.valueStream().map(JsonNode::asText).toList();
    }

    private boolean producesJson() {
        if (document.swagger2()) return ofEither("produces").contains("application/json");
        return operation
                .tree()
                .path("responses")
                .valueStream()
                .anyMatch(response -> document.resolve(response).path("content").has("application/json"));
    }
}
