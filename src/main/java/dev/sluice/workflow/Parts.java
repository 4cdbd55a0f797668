package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The parts of a document that stand at many places of it: expressions, durations, schemas, what {@code use} names. */
final class Parts {
    private static final Pattern SECRET =
            Pattern.compile("\\$secrets(?:\\.([A-Za-z_]\\w*)|(?:\\.)?\\[?\"([^\"]+)\"\\]?)");

    final JsonNode document;
    final Findings findings;
    /** Gets the definition of {@code name:version} of the default catalog. */
    final Function<String, Optional<JsonNode>> catalog;

    private final boolean loose;

    Parts(JsonNode document, Findings findings, Function<String, Optional<JsonNode>> catalog) {
        this.document = document;
        this.findings = findings;
        this.catalog = catalog;
        this.loose = document.at("/evaluate/mode").asText("strict").equals("loose");
    }

    /** Where an expression may stand without <code>${ }</code>; empty when the member is not there. */
    Optional<Template> expression(JsonNode parent, String member, String pointer) {
        JsonNode node = parent.path(member);
        if (node.isMissingNode()) return Optional.empty();
        String place = pointer + "/" + member;
        return Optional.of(node.isTextual() ? expression(node.textValue(), place) : template(node, place));
    }

    Template expression(String text, String pointer) {
        checkSecrets(text, pointer);
        try {
            return Template.ofExpression(text, pointer);
        } catch (ProblemException e) {
            badExpression(e);
            return Template.text(text);
        }
    }

    /** A value in which only what is marked as an expression is one. */
    Template template(JsonNode node, String pointer) {
        checkSecrets(node.toString().replace("\\\"", "\""), pointer);
        try {
            return Template.of(node, pointer, loose);
        } catch (ProblemException e) {
            badExpression(e);
            return new Template.Constant(node);
        }
    }

    /** The detail is the pointer, which may lie below the one of the template, and what is wrong there. */
    private void badExpression(ProblemException e) {
        String detail = e.problem().detail();
        int end = detail.indexOf(": '");
        findings.add(detail.substring(0, end), detail.substring(end + 2));
    }

    Optional<Template> optional(JsonNode parent, String member, String pointer) {
        return parent.has(member)
                ? Optional.of(template(parent.get(member), pointer + "/" + member))
                : Optional.empty();
    }

    /** A duration: the constant is checked now, an expression when it is evaluated. */
    Optional<Template> duration(JsonNode parent, String member, String pointer) {
        if (!parent.has(member)) return Optional.empty();
        String place = pointer + "/" + member;
        Template template = template(parent.get(member), place);
        if (template instanceof Template.Constant constant) {
            try {
                Durations.of(constant.value());
            } catch (ProblemException e) {
                findings.add(place, e.problem().detail());
            }
        }
        return Optional.of(template);
    }

    /** {@code timeout}: an object, or the name of one in {@code use.timeouts}. */
    Optional<Template> timeout(JsonNode step, String pointer) {
        JsonNode timeout = step.path("timeout");
        if (timeout.isMissingNode()) return Optional.empty();
        String place = pointer + "/timeout";
        if (!timeout.isTextual()) return duration(timeout, "after", place);
        return used("timeouts", timeout.textValue(), place)
                .flatMap(it -> duration(it, "after", "/use/timeouts/" + Pointers.escape(timeout.textValue())));
    }

    /** What {@code use} defines under that name; a finding when it does not. */
    Optional<JsonNode> used(String kind, String name, String pointer) {
        JsonNode found = document.path("use").path(kind).path(name);
        if (!found.isMissingNode()) return Optional.of(found);
        findings.add(pointer, "'" + name + "' is not defined under use." + kind);
        return Optional.empty();
    }

    Optional<InputSchema> schema(JsonNode parent, String pointer) {
        JsonNode schema = parent.path("schema");
        if (schema.isMissingNode()) return Optional.empty();
        String format = schema.path("format").asText("json");
        if (!format.equals("json") && !format.startsWith("json:")) {
            findings.unsupported(pointer + "/schema/format", "the schema format '" + format + "' is not supported yet");
            return Optional.empty();
        }
        if (!schema.has("document")) {
            findings.unsupported(
                    pointer + "/schema/resource",
                    "a schema by address is not supported yet; write it under 'document'");
            return Optional.empty();
        }
        String place = pointer + "/schema/document";
        InputSchema.mistakes(schema.get("document"))
                .forEach(mistake -> findings.add(place, "no JSON Schema: " + mistake));
        return Optional.of(InputSchema.of(schema.get("document")));
    }

    Map<String, Template> expressions(JsonNode object, String pointer) {
        var map = new LinkedHashMap<String, Template>();
        object.properties()
                .forEach(m -> map.put(
                        m.getKey(),
                        m.getValue().isTextual()
                                        && Template.isExpression(m.getValue().textValue())
                                ? expression(m.getValue().textValue(), pointer + "/" + Pointers.escape(m.getKey()))
                                : new Template.Constant(m.getValue())));
        return map;
    }

    Set<String> secrets() {
        var names = new java.util.TreeSet<String>();
        document.path("use").path("secrets").forEach(name -> names.add(name.asText()));
        return names;
    }

    private void checkSecrets(String text, String pointer) {
        if (!text.contains("$secrets")) return;
        SECRET.matcher(text)
                .results()
                .map(m -> m.group(1) != null ? m.group(1) : m.group(2))
                .distinct()
                .filter(name -> !secrets().contains(name))
                .forEach(name -> findings.add(pointer, "the secret '" + name + "' is not listed under use.secrets"));
    }
}
