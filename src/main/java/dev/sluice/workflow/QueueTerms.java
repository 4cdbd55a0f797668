package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

    private static final Set<String> MEMBERS = Set.of("group", "partitions", "priority", "tenant", "limits");
    private static final Set<String> LIMIT_MEMBERS = Set.of("name", "key", "max");

    private static final Pattern GROUP = Pattern.compile("\\w{1,40}");
    private static final Pattern NAME = Pattern.compile("[\\w-]{1,40}");

    /**
     * @param key what the limit is kept by; nothing when it gives null or an empty text; @param max attempts at once
     */
    public record Rule(String name, Template key, int max) {}

    static QueueTerms read(JsonNode terms, Parts parts, String pointer) {
        if (!terms.isMissingNode() && !terms.isObject()) {
            parts.findings.add(pointer, "must be an object, was " + terms);
        }
        Members.findUnknown(terms, MEMBERS, parts.findings, pointer);
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
                expression(terms, "tenant", parts, pointer),
                limits(terms.path("limits"), parts, pointer + "/limits"));
    }

    /** Only what is marked as one: a constant would be the same for all runs, and hardly what was meant. */
    private static Optional<Template> expression(JsonNode of, String member, Parts parts, String pointer) {
        JsonNode node = of.path(member);
        if (node.isMissingNode()) return Optional.empty();
        String place = pointer + "/" + member;
        if (node.isTextual() && Template.isExpression(node.textValue())) {
            return Optional.of(parts.expression(node.textValue(), place));
        }
        parts.findings.add(place, "must be an expression on the input such as ${ .customer }, was " + node);
        return Optional.empty();
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
        var names = new HashSet<String>();
        for (int i = 0; i < list.size(); i++) {
            String name = list.get(i).path("name").asText();
            rule(list.get(i), parts, pointer + "/" + i).ifPresent(rules::add);
            if (!name.isEmpty() && !names.add(name)) {
                parts.findings.add(pointer + "/" + i + "/name", "'" + name + "' is the name of another limit already");
            }
        }
        return List.copyOf(rules);
    }

    private static Optional<Rule> rule(JsonNode limit, Parts parts, String pointer) {
        if (!limit.isObject()) {
            parts.findings.add(pointer, "must be an object with the members name, key and max, was " + limit);
            return Optional.empty();
        }
        checkMembers(limit, parts, pointer);
        String name = limit.path("name").asText();
        if (limit.has("name") && !NAME.matcher(name).matches()) {
            parts.findings.add(pointer + "/name", "must be 1 to 40 letters, digits, _ or -, was '" + name + "'");
        }
        Optional<Template> key = expression(limit, "key", parts, pointer);
        OptionalInt max = number(limit, "max", Integer.MAX_VALUE, parts, pointer);
        return key.isEmpty() || max.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rule(name, key.get(), max.getAsInt()));
    }

    /** A misspelt one is not missing, too. */
    private static void checkMembers(JsonNode limit, Parts parts, String pointer) {
        Set<String> misspelt = Members.findUnknown(limit, LIMIT_MEMBERS, parts.findings, pointer);
        for (String member : LIMIT_MEMBERS) {
            if (!limit.has(member) && !misspelt.contains(member)) {
                parts.findings.add(pointer + "/" + member, "is missing; a limit has a name, a key and a max");
            }
        }
    }
}
