package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * How a workflow's runs are queued, from {@code document.metadata.queue}: {@code group}, {@code partitions},
 * {@code priority}, {@code tenant} (expression on the input) and {@code limits}, a list of {@code name}, {@code key}
 * (expression on the input) and {@code max}.
 *
 * @param group whose partitions the runs go to
 * @param partitions of the group, fixed when it is first used; empty: the deployment's default
 */
public record QueueTerms(
        String group, OptionalInt partitions, Priority priority, Optional<Template> tenant, List<Rule> limits) {
    public static final String DEFAULT_GROUP = "default";

    /** 1,024 partitions: sixty-four for each of sixteen nodes; each costs a sweep some commands a second. */
    public static final int PARTITIONS_MAX = 1_024;

    /** 10: each costs a round trip before an attempt. */
    private static final int LIMITS_MAX = 10;

    private static final Pattern GROUP = Pattern.compile("\\w{1,40}");
    private static final Pattern NAME = Pattern.compile("[\\w-]{1,40}");

    /**
     * @param key what the limit is kept by; nothing when it gives null or an empty text; @param max attempts at once
     */
    public record Rule(String name, Template key, int max) {}

    static QueueTerms read(JsonNode terms, Parts parts, String pointer) {
        String group = terms.path("group").asText(DEFAULT_GROUP);
        if (!GROUP.matcher(group).matches()) {
            parts.findings.add(pointer + "/group", "must be 1 to 40 letters, digits or _, was '" + group + "'");
        }
        Optional<Priority> priority = Priority.of(terms.path("priority").asText(Priority.NORMAL.word()));
        if (priority.isEmpty()) {
            parts.findings.add(pointer + "/priority", "must be high, normal or low, was " + terms.path("priority"));
        }
        return new QueueTerms(
                group,
                number(terms, "partitions", PARTITIONS_MAX, parts, pointer),
                priority.orElse(Priority.NORMAL),
                parts.expression(terms, "tenant", pointer),
                limits(terms.path("limits"), parts, pointer + "/limits"));
    }

    private static OptionalInt number(JsonNode of, String member, int max, Parts parts, String pointer) {
        JsonNode number = of.path(member);
        if (number.isMissingNode()) return OptionalInt.empty();
        if (number.isInt() && number.intValue() >= 1 && number.intValue() <= max) {
            return OptionalInt.of(number.intValue());
        }
        parts.findings.add(pointer + "/" + member, "must be a whole number from 1 to " + max + ", was " + number);
        return OptionalInt.empty();
    }

    private static List<Rule> limits(JsonNode list, Parts parts, String pointer) {
        if (!list.isMissingNode() && (!list.isArray() || list.size() > LIMITS_MAX)) {
            parts.findings.add(pointer, "must be a list of at most " + LIMITS_MAX + " limits");
            return List.of();
        }
        var rules = new ArrayList<Rule>();
        for (int i = 0; i < list.size(); i++)
            rule(list.get(i), parts, pointer + "/" + i).ifPresent(rules::add);
        return List.copyOf(rules);
    }

    private static Optional<Rule> rule(JsonNode limit, Parts parts, String pointer) {
        String name = limit.path("name").asText();
        if (!NAME.matcher(name).matches()) {
            parts.findings.add(pointer + "/name", "must be 1 to 40 letters, digits, _ or -, was '" + name + "'");
        }
        Optional<Template> key = parts.expression(limit, "key", pointer);
        if (key.isEmpty()) parts.findings.add(pointer + "/key", "is missing: say what the limit is kept by");
        OptionalInt max = number(limit, "max", Integer.MAX_VALUE, parts, pointer);
        if (!limit.has("max")) parts.findings.add(pointer + "/max", "is missing: say how many attempts at once");
        return key.isEmpty() || max.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rule(name, key.get(), max.getAsInt()));
    }
}
