package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.Clearing.Action;
import dev.sluice.store.Clearing.Plan;
import dev.sluice.store.Clearings;
import dev.sluice.store.DeadLetter.Kind;
import dev.sluice.store.LetterQuery;
import dev.sluice.store.Redriver;
import dev.sluice.workflow.ProblemException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Set;

/** Reads which dead letters are meant, and what is to be done with them. */
final class LetterFilter {
    private static final List<String> KNOWN =
            List.of("kind", "workflow", "function", "code", "tenant", "from", "until");

    /** 1,000 characters, as for other reasons. */
    private static final int REASON_CHARACTERS_MAX = 1_000;

    private LetterFilter() {}

    /**
     * @throws ProblemException SL2014 when a member is not known, empty, which would mean every letter, or not readable
     */
    static LetterQuery query(JsonNode filter) {
        filter.properties().forEach(member -> {
            if (!KNOWN.contains(member.getKey())) {
                throw RunsResource.invalid("'" + member.getKey() + "' is not known in a filter; there are " + KNOWN);
            }
            if (!member.getValue().isTextual()) {
                throw RunsResource.invalid("'" + member.getKey() + "' must be a text");
            }
            RunQuery.refuseEmpty(member.getKey(), member.getValue().textValue());
        });
        StartTerms.checkTenant(filter.path("tenant").asText());
        try {
            return LetterQuery.of(filter);
        } catch (DateTimeParseException e) {
            throw RunsResource.invalid(
                    "'from' and 'until' must be times as 2026-01-31T12:00:00Z, one was '" + e.getParsedString() + "'");
        } catch (IllegalArgumentException e) {
            throw RunsResource.invalid(e.getMessage());
        }
    }

    /** @throws ProblemException SL2014 when there is a parameter where none is known */
    static void refuseAll(Set<String> parameters) {
        parameters.stream().findFirst().ifPresent(name -> {
            throw RunsResource.invalid(
                    "'" + name + "' is not known; counts are of all dead letters, without parameters");
        });
    }

    /**
     * What is to be done with many letters. A filter without a kind means {@code step}: poison is redriven only by
     * whoever names it.
     *
     * @throws ProblemException SL2014
     */
    static Plan plan(Action action, byte[] body, Instant now) {
        ObjectNode json = Order.object(body);
        known(
                json,
                action == Action.REDRIVE ? Set.of("filter", "rate", "revision") : Set.of("filter", "rate", "reason"));
        JsonNode filter = json.path("filter");
        if (!filter.isObject() || filter.isEmpty()) {
            throw RunsResource.invalid("'filter' must be an object with one or more of " + KNOWN);
        }
        LetterQuery query = query(filter);
        if (query.kind().isEmpty()) query = query.ofKind(Kind.STEP);
        String revision = revision(json);
        boolean isEntry = query.kind().orElseThrow() == Kind.ENTRY;
        if (!revision.isEmpty() && isEntry) throw RunsResource.invalid("an entry has no revision");
        if (!revision.isEmpty()
                && !revision.equals(Redriver.LATEST)
                && query.workflow().isEmpty()) {
            throw RunsResource.invalid("a revision is one of a workflow: name it in the filter");
        }
        String reason = action == Action.DROP ? reason(json) : "";
        return new Plan(action, query, revision, reason, rate(json.path("rate")), now);
    }

    private static int rate(JsonNode rate) {
        if (rate.isMissingNode()) return Clearings.RATE_DEFAULT;
        if (rate.isIntegralNumber() && rate.asLong() >= 1 && rate.asLong() <= Clearings.RATE_MAX) return rate.asInt();
        throw RunsResource.invalid("'rate' must be 1 to " + Clearings.RATE_MAX + " letters a second, was " + rate);
    }

    private static void known(ObjectNode json, Set<String> names) {
        json.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) throw RunsResource.invalid("'" + name + "' is not known; there are " + names);
        });
    }

    /** {@code {"revision"}}: one, {@code latest}, or nothing. */
    static String revision(byte[] body) {
        ObjectNode json = Order.object(body);
        known(json, Set.of("revision"));
        return revision(json);
    }

    private static String revision(ObjectNode json) {
        JsonNode revision = json.path("revision");
        if (revision.isMissingNode() || revision.isNull()) return "";
        if (revision.isTextual()) return revision.textValue();
        throw RunsResource.invalid("'revision' must be a text: one of the workflow's, or latest");
    }

    /** {@code {"reason"}}, which must be there: what is dropped is not done. */
    static String reason(byte[] body) {
        ObjectNode json = Order.object(body);
        known(json, Set.of("reason"));
        return reason(json);
    }

    private static String reason(ObjectNode json) {
        String reason =
                json.path("reason").isTextual() ? json.get("reason").textValue().strip() : "";
        if (!reason.isEmpty() && reason.length() <= REASON_CHARACTERS_MAX) return reason;
        throw RunsResource.invalid("'reason' must say in 1 to " + REASON_CHARACTERS_MAX
                + " characters of text why this need not be done any more");
    }
}
