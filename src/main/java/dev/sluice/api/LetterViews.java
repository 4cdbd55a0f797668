package dev.sluice.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.Clearing;
import dev.sluice.store.DeadLetter;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the API shows of dead letters. Members that say nothing are left out. */
@RegisterForReflection(ignoreNested = false)
public final class LetterViews {
    private LetterViews() {}

    /**
     * @param kind {@code step poison entry}
     * @param step key of the visit that the run failed with
     * @param problem RFC 9457: why it was given up
     * @param firstAt when the first attempt was asked for; @param at when it was given up
     * @param stream that the entry was in
     * @param location where all about it is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Letter(
            String id,
            String kind,
            String run,
            String namespace,
            String workflow,
            String revision,
            String tenant,
            String priority,
            String function,
            String step,
            Integer attempts,
            JsonNode problem,
            Instant firstAt,
            Instant at,
            String stream,
            String location) {
        static Letter of(DeadLetter letter) {
            boolean ofRun = letter.kind() != DeadLetter.Kind.ENTRY;
            return new Letter(
                    letter.id(),
                    letter.kind().word(),
                    presentOrNull(letter.run()),
                    presentOrNull(letter.namespace()),
                    presentOrNull(letter.workflow()),
                    presentOrNull(letter.revision()),
                    presentOrNull(letter.tenant()),
                    ofRun ? letter.priority().word() : null,
                    presentOrNull(letter.function()),
                    presentOrNull(letter.step()),
                    ofRun ? letter.attempts() : null,
                    letter.problem().toJson(),
                    letter.firstAt(),
                    letter.at(),
                    presentOrNull(letter.stream()),
                    "/v1/dead-letters/" + letter.id());
        }

        private static String presentOrNull(String text) {
            return text.isEmpty() ? null : text;
        }
    }

    /** @param next cursor of the following page, null on the last one */
    public record Page(List<Letter> letters, String next) {}

    /** How many there are by each value; of each at most 1,000 values. */
    public record Counts(
            long total,
            Map<String, Long> kinds,
            Map<String, Long> workflows,
            Map<String, Long> functions,
            Map<String, Long> codes,
            Map<String, Long> tenants) {
        static Counts of(Map<String, Map<String, Long>> counts) {
            return new Counts(
                    counts.getOrDefault("all", Map.of()).getOrDefault("", 0L),
                    counts.getOrDefault("kind", Map.of()),
                    counts.getOrDefault("workflow", Map.of()),
                    counts.getOrDefault("function", Map.of()),
                    counts.getOrDefault("code", Map.of()),
                    counts.getOrDefault("tenant", Map.of()));
        }
    }

    /**
     * A letter with all that is known.
     *
     * @param redrivenAt when a redrive was asked for that the run has not taken in yet
     * @param input that the step gave its function, or had; secrets stand there as marks
     * @param step with its attempts
     * @param history entries of the run that are about the step, the last 100
     * @param fields of an entry
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Context(
            Letter letter,
            Instant redrivenAt,
            JsonNode input,
            Views.Step step,
            List<Views.HistoryLine> history,
            Map<String, String> fields) {}

    /** @param outcome {@code accepted}, or {@code repeated} when somebody had asked before */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Redriven(String id, String outcome, String location) {}

    /**
     * A redrive or drop of many.
     *
     * @param status {@code running stopped done}
     * @param atMost how many letters were meant at most when it was asked for; null when it is not asked for now
     * @param done letters that it has redriven or dropped, each counted once
     * @param skipped those that somebody else was redriving; @param refused those for which it was not possible
     * @param refusals the first 10: {@code id} and {@code problem}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cleared(
            String id,
            String action,
            String status,
            JsonNode filter,
            String revision,
            String reason,
            int rate,
            Instant at,
            Instant stoppedAt,
            Instant endedAt,
            Long atMost,
            long done,
            long skipped,
            long refused,
            List<JsonNode> refusals,
            String location) {
        static Cleared of(Clearing clearing, Long atMost) {
            Clearing.Plan plan = clearing.plan();
            return new Cleared(
                    clearing.id(),
                    plan.action().word(),
                    clearing.status().name().toLowerCase(java.util.Locale.ROOT),
                    plan.query().toJson(),
                    Letter.presentOrNull(plan.revision()),
                    Letter.presentOrNull(plan.reason()),
                    plan.rate(),
                    plan.at(),
                    clearing.stoppedAt().orElse(null),
                    clearing.endedAt().orElse(null),
                    atMost,
                    clearing.progress().done(),
                    clearing.progress().skipped(),
                    clearing.progress().refused(),
                    clearing.progress().refusals(),
                    "/v1/dead-letters/clearings/" + clearing.id());
        }
    }

    public record ClearedList(List<Cleared> clearings) {}
}
