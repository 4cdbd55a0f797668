package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The redrive or the drop of all dead letters that a filter means and that were written before it was asked for.
 *
 * @param progress how far it has come
 * @param stoppedAt when a person ended it; @param endedAt when it had looked at all letters
 */
public record Clearing(
        String id, Plan plan, Progress progress, Optional<Instant> stoppedAt, Optional<Instant> endedAt) {

    public enum Action {
        REDRIVE,
        DROP;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What was asked for; never changes.
     *
     * @param query with a kind: poison is only meant when it is named
     * @param revision as for {@link Redriver#redrive}; @param reason of a drop
     * @param rate letters a second, 1 to 1,000
     */
    public record Plan(Action action, LetterQuery query, String revision, String reason, int rate, Instant at) {
        ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("action", action.name())
                    .put("revision", revision)
                    .put("reason", reason)
                    .put("rate", rate)
                    .put("at", at.toEpochMilli());
            json.set("filter", query.toJson());
            return json;
        }

        static Plan of(JsonNode json) {
            return new Plan(
                    Action.valueOf(json.path("action").asText()),
                    LetterQuery.of(json.path("filter")),
                    json.path("revision").asText(),
                    json.path("reason").asText(),
                    json.path("rate").asInt(),
                    Instant.ofEpochMilli(json.path("at").asLong()));
        }

        boolean asksTheSameAs(Plan other) {
            return action == other.action
                    && query.equals(other.query)
                    && revision.equals(other.revision)
                    && reason.equals(other.reason)
                    && rate == other.rate;
        }
    }

    /**
     * @param done letters that were redriven or dropped by it, each counted once
     * @param skipped those that somebody else was redriving
     * @param refused those for which it was not possible
     * @param refusals the first 10: {@code id} and {@code problem}
     * @param cursor behind the last letter that it has looked at; empty: at the beginning
     */
    public record Progress(long done, long skipped, long refused, List<JsonNode> refusals, String cursor) {
        static final Progress NONE = new Progress(0, 0, 0, List.of(), "");
    }

    public enum Status {
        RUNNING,
        STOPPED,
        DONE
    }

    public Status status() {
        if (endedAt.isPresent()) return Status.DONE;
        return stoppedAt.isPresent() ? Status.STOPPED : Status.RUNNING;
    }
}
