package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/** Settles how a run is served, when it is accepted. */
final class Serving {
    private static final String TENANT_RULE = "a tenant is 1 to 64 letters, digits, '_', '.' or '-'";
    private static final String KEY_RULE = "the key of a limit is a text, a number or a boolean";

    private final Definition definition;
    private final Scopes scopes;
    private final JsonNode raw;

    private Serving(Definition definition, Scopes scopes, JsonNode raw) {
        this.definition = definition;
        this.scopes = scopes;
        this.raw = raw;
    }

    /**
     * @param raw the run's input before {@code input.from}
     * @throws ProblemException SL3004 when an expression of the queue terms fails or gives what cannot be used; null
     *     and an empty text mean none
     */
    static Service of(Definition definition, Scopes scopes, JsonNode raw, Service.Asked asked) {
        QueueTerms terms = definition.queue();
        var serving = new Serving(definition, scopes, raw);
        String tenant = asked.tenant()
                .filter(name -> name.isEmpty() || Service.isTenant(name))
                .or(() -> terms.tenant().map(serving::tenant))
                .orElse("");
        return new Service(tenant, asked.priority().orElse(terms.priority()), serving.limits(terms));
    }

    /** The value of an expression on the transformed input. */
    static JsonNode onInput(Template template, Definition definition, Scopes scopes, JsonNode raw) {
        JsonNode input = definition.data().inputFrom().isEmpty()
                ? raw
                : definition.data().inputFrom().get().evaluate(scopes, raw);
        return template.evaluate(scopes.with("input", input), input);
    }

    private String tenant(Template template) {
        JsonNode value = value(template);
        String name = value.isNull() ? "" : value.asText();
        if (value.isValueNode() && (name.isEmpty() || Service.isTenant(name))) return name;
        throw unusable(gave(template, value) + ", and " + TENANT_RULE);
    }

    private List<Service.Limit> limits(QueueTerms terms) {
        var limits = new ArrayList<Service.Limit>();
        for (QueueTerms.Rule rule : terms.limits()) {
            String value = key(rule.key());
            if (value.isEmpty()) continue;
            String key = definition.qualifiedName() + "/" + rule.name() + "=" + value;
            limits.add(new Service.Limit(key, rule.max()));
        }
        return List.copyOf(limits);
    }

    private String key(Template template) {
        JsonNode value = value(template);
        if (value.isNull()) return "";
        if (value.isValueNode()) return Machine.attribute(value);
        throw unusable(gave(template, value) + ", and " + KEY_RULE);
    }

    private JsonNode value(Template template) {
        try {
            return onInput(template, definition, scopes, raw);
        } catch (ProblemException e) {
            throw unusable(e.problem().detail());
        }
    }

    private static String gave(Template template, JsonNode value) {
        String what = template instanceof Template.Expression expression
                ? expression.pointer() + ": '" + expression.source() + "'"
                : template.toString();
        return what + " gave " + Machine.attribute(TextNode.valueOf(value.toString()));
    }

    private ProblemException unusable(String reason) {
        return Problem.of(
                        Code.SL3004,
                        "a run of workflow '" + definition.name() + "' was not started: " + reason
                                + ". Send an input for which it can be told, or correct the expression and deploy the"
                                + " workflow again; null or an empty text means none.")
                .asException();
    }
}
