package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.RunHead;
import dev.sluice.workflow.RunStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which runs are meant. Every member may be empty, for any.
 *
 * @param workflow a name, alone or as {@code namespace.name}
 * @param text part of the title or the id, in any case
 * @param attributes values of search attributes, by name
 * @param parent id of the run that started them
 * @param origin id of the run that they were forked from
 * @param tenant on whose behalf they run
 * @param priority {@code high}, {@code normal} or {@code low}
 */
record RunQuery(
        String workflow,
        String namespace,
        Set<RunStatus> statuses,
        String text,
        Map<String, String> attributes,
        String parent,
        String origin,
        String tenant,
        String priority) {
    private static final Set<String> KNOWN =
            Set.of("workflow", "namespace", "status", "q", "attribute", "parent", "origin", "tenant", "priority");

    /** @param status words, separated by commas; @param attributes each {@code name:value} */
    static RunQuery of(
            String workflow,
            String namespace,
            String status,
            String text,
            List<String> attributes,
            String parent,
            String origin,
            String tenant,
            String priority) {
        StartTerms.checkTenant(tenant);
        StartTerms.checkPriority(priority);
        var byName = new LinkedHashMap<String, String>();
        for (String attribute : attributes) {
            int colon = attribute.indexOf(':');
            if (colon < 1) throw RunsResource.invalid("attribute must be name:value, was '" + attribute + "'");
            byName.put(attribute.substring(0, colon), attribute.substring(colon + 1));
        }
        return new RunQuery(
                workflow,
                namespace,
                RunsResource.statuses(status),
                text.toLowerCase(Locale.ROOT),
                byName,
                parent,
                origin,
                tenant,
                priority);
    }

    /**
     * Refuses an empty value, which would mean every run or letter where its author means some.
     *
     * @throws dev.sluice.workflow.ProblemException SL2014
     */
    static void refuseEmpty(String name, String value) {
        if (value.isBlank()) throw RunsResource.invalid("'" + name + "' is empty; leave it out to mean any");
    }

    /** The same for the parameters of a query, as far as they are members of a filter. */
    static void refuseEmpty(Map<String, List<String>> parameters) {
        parameters.forEach((name, values) -> {
            if (KNOWN.contains(name)) values.forEach(value -> refuseEmpty(name, value));
        });
    }

    /**
     * The same from JSON, as a bulk request has it; {@code status} and {@code attribute} may be arrays.
     *
     * @throws dev.sluice.workflow.ProblemException SL2014; also for a filter that is empty or has a member that is not
     *     known or is empty, which would mean more runs than its author does
     */
    static RunQuery of(JsonNode filter) {
        if (!filter.isObject() || filter.isEmpty()) {
            throw RunsResource.invalid("'filter' must be an object with one or more of " + KNOWN);
        }
        filter.fieldNames().forEachRemaining(name -> {
            if (!KNOWN.contains(name)) {
                throw RunsResource.invalid("'" + name + "' is not known in a filter; there are " + KNOWN);
            }
            if (filter.get(name).isArray() && filter.get(name).isEmpty()) refuseEmpty(name, "");
        });
        return of(
                text(filter, "workflow"),
                text(filter, "namespace"),
                text(filter, "status"),
                text(filter, "q"),
                texts(filter, "attribute"),
                text(filter, "parent"),
                text(filter, "origin"),
                text(filter, "tenant"),
                text(filter, "priority"));
    }

    private static String text(JsonNode filter, String name) {
        return String.join(",", texts(filter, name));
    }

    private static List<String> texts(JsonNode filter, String name) {
        JsonNode value = filter.path(name);
        var texts = new ArrayList<String>();
        if (value.isArray()) value.forEach(item -> texts.add(text(name, item)));
        else if (!value.isMissingNode()) texts.add(text(name, value));
        return texts;
    }

    private static String text(String name, JsonNode value) {
        if (!value.isTextual()) throw RunsResource.invalid("'" + name + "' must be a text");
        refuseEmpty(name, value.textValue());
        return value.textValue();
    }

    boolean matches(RunHead run) {
        String qualified = run.identity().namespace() + "." + run.workflow();
        return isAny(workflow, run.workflow(), qualified)
                && isAny(namespace, run.identity().namespace())
                && statuses.contains(run.status())
                && (run.title().toLowerCase(Locale.ROOT).contains(text)
                        || run.id().contains(text))
                && run.attributes().entrySet().containsAll(attributes.entrySet())
                && isAny(parent, run.identity().parent().map(p -> p.run()).orElse(""))
                && isAny(origin, run.identity().origin())
                && isAny(tenant, run.identity().service().tenant())
                && isAny(priority, run.identity().service().priority().word());
    }

    private static boolean isAny(String wanted, String... values) {
        return wanted.isEmpty() || List.of(values).contains(wanted);
    }
}
