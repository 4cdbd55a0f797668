package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compiles {@code call}: tasks for functions, and steps that stand elsewhere under a name. */
final class CallCompiler {
    /** A function's name is a CloudEvent type, a header's value and a part of a host's name at once. */
    private static final Pattern FUNCTION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private static final Pattern CATALOGED = Pattern.compile("([^:@\\s]+):([^:@\\s]+)@([^:@\\s]+)");

    private static final Set<String> REFUSED = Set.of("asyncapi", "grpc", "a2a", "mcp");

    /** 16 functions deep: one that calls itself must be found when the document is read. */
    private static final int DEPTH_MAX = 16;

    private final Parts parts;
    private final StepCompiler steps;
    private int depth;

    CallCompiler(Parts parts, StepCompiler steps) {
        this.parts = parts;
        this.steps = steps;
    }

    Node call(Node.Header header, JsonNode step, StepCompiler.Place place) {
        String name = step.path("call").asText();
        String pointer = place.pointer();
        JsonNode with = step.path("with");
        Node.Limits limits = limits(step.path("metadata"), pointer + "/metadata");
        if (name.equals("http")) return new Node.Call(header, name, http(with, pointer + "/with"), limits);
        if (name.equals("openapi")) return new Node.Call(header, name, openApi(with, pointer + "/with"), limits);
        if (REFUSED.contains(name)) {
            parts.findings.unsupported(pointer, "call: " + name + " is not supported yet");
        }
        Optional<JsonNode> defined = defined(name, pointer);
        if (defined.isPresent()) return invoke(header, step, defined.get(), place);
        return new Node.Call(header, function(name, pointer), arguments(with, pointer + "/with"), limits);
    }

    private Template arguments(JsonNode with, String pointer) {
        return with.isMissingNode()
                ? new Template.Constant(JsonNodeFactory.instance.objectNode())
                : parts.template(with, pointer);
    }

    private Optional<JsonNode> defined(String name, String pointer) {
        JsonNode own = parts.document.path("use").path("functions").path(name);
        if (!own.isMissingNode()) return Optional.of(own);
        Matcher cataloged = CATALOGED.matcher(name);
        if (!cataloged.matches()) return Optional.empty();
        if (!cataloged.group(3).equals("default")) {
            parts.findings.unsupported(
                    pointer + "/call",
                    "the catalog '" + cataloged.group(3) + "' cannot be read yet; the one of Sluice is called default");
            return Optional.empty();
        }
        return parts.catalog.apply(cataloged.group(1) + ":" + cataloged.group(2));
    }

    /**
     * A function of the default catalog that is no document is one of those that are deployed, whatever its version.
     */
    private String function(String name, String pointer) {
        Matcher cataloged = CATALOGED.matcher(name);
        String plain = cataloged.matches() ? cataloged.group(1) : name;
        if (!FUNCTION.matcher(plain).matches()) {
            parts.findings.add(
                    pointer + "/call",
                    "'" + plain + "' must be 1 to 100 letters, digits, '.', '_' or '-', a letter or digit first");
        }
        return plain;
    }

    private Node invoke(Node.Header header, JsonNode step, JsonNode defined, StepCompiler.Place place) {
        Optional<Template> with = parts.optional(step, "with", place.pointer());
        if (++depth > DEPTH_MAX) {
            parts.findings.add(
                    place.pointer() + "/call", "functions that call functions, more than " + DEPTH_MAX + " deep");
            depth = 0;
            return new Node.Invoke(header, with, new Node.Set(header, parts.expression(".", place.pointer())));
        }
        var inside = new StepCompiler.Place(place.pointer() + "/call", place.pointer(), 0, header.described());
        Node.Header body = steps.header(header.name(), defined, inside, Map.of());
        Node node = steps.kind(body, defined, inside, Map.of());
        depth = Math.max(0, depth - 1);
        return new Node.Invoke(header, with, node);
    }

    private Template http(JsonNode with, String pointer) {
        var members = new LinkedHashMap<String, Template>();
        with.properties().forEach(member -> {
            String place = pointer + "/" + member.getKey();
            members.put(
                    member.getKey(),
                    member.getKey().equals("endpoint")
                            ? endpoint(member.getValue(), place)
                            : parts.template(member.getValue(), place));
        });
        return new Template.Members(members);
    }

    private Template openApi(JsonNode with, String pointer) {
        var members = new LinkedHashMap<String, Template>();
        with.properties().forEach(member -> {
            String place = pointer + "/" + member.getKey();
            members.put(
                    member.getKey(),
                    switch (member.getKey()) {
                        case "document" ->
                            new Template.Members(Map.of(
                                    "endpoint", endpoint(member.getValue().path("endpoint"), place + "/endpoint")));
                        case "authentication" -> authentication(member.getValue(), place);
                        default -> parts.template(member.getValue(), place);
                    });
        });
        return new Template.Members(members);
    }

    /** Always an object with {@code uri}, and {@code authentication} when there is one. */
    private Template endpoint(JsonNode endpoint, String pointer) {
        var members = new LinkedHashMap<String, Template>();
        JsonNode uri = endpoint.isObject() ? endpoint.path("uri") : endpoint;
        members.put("uri", uri(uri.asText(), endpoint.isObject() ? pointer + "/uri" : pointer));
        if (endpoint.has("authentication")) {
            members.put("authentication", authentication(endpoint.get("authentication"), pointer + "/authentication"));
        }
        return new Template.Members(members);
    }

    private Template uri(String text, String pointer) {
        return Template.isExpression(text) ? parts.expression(text, pointer) : new UriTemplate(text, pointer);
    }

    private Template authentication(JsonNode policy, String pointer) {
        String name =
                policy.isTextual() ? policy.textValue() : policy.path("use").asText("");
        if (name.isEmpty()) return policy(policy, pointer);
        return parts.used("authentications", name, pointer)
                .map(found -> policy(found, "/use/authentications/" + Pointers.escape(name)))
                .orElse(new Template.Constant(JsonNodeFactory.instance.objectNode()));
    }

    private Template policy(JsonNode policy, String pointer) {
        var members = new LinkedHashMap<String, Template>();
        policy.properties().forEach(scheme -> {
            String place = pointer + "/" + scheme.getKey();
            String secret = scheme.getValue().path("use").asText("");
            members.put(
                    scheme.getKey(),
                    secret.isEmpty()
                            ? parts.template(scheme.getValue(), place)
                            : parts.expression(ofSecret(scheme.getKey(), secret), place));
        });
        return new Template.Members(members);
    }

    private static String ofSecret(String scheme, String secret) {
        String value = "$secrets[\"" + secret.replace("\"", "") + "\"]";
        return scheme.equals("bearer") ? value + " | if type == \"object\" then . else {token: .} end" : value;
    }

    private Node.Limits limits(JsonNode metadata, String pointer) {
        JsonNode attempts = metadata.path("attemptsMax");
        if (!attempts.isMissingNode() && attempts.asInt() < 1) {
            parts.findings.add(pointer + "/attemptsMax", "must be a whole number >= 1, was " + attempts);
        }
        JsonNode cost = metadata.path("costMicrosMax");
        return new Node.Limits(
                attempts.asInt() >= 1 ? OptionalInt.of(attempts.asInt()) : OptionalInt.empty(),
                cost.canConvertToLong() ? OptionalLong.of(cost.asLong()) : OptionalLong.empty(),
                Budget.micros(metadata, "budget", parts, pointer),
                limit(metadata, "scheduleToStart", pointer),
                limit(metadata, "startToClose", pointer),
                limit(metadata, "heartbeat", pointer));
    }

    private Optional<Duration> limit(JsonNode metadata, String member, String pointer) {
        if (!metadata.has(member)) return Optional.empty();
        try {
            return Optional.of(Durations.of(metadata.get(member)));
        } catch (ProblemException e) {
            parts.findings.add(pointer + "/" + member, e.problem().detail());
            return Optional.empty();
        }
    }
}
