package dev.sluice.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.Definitions;
import dev.sluice.store.RunHead;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the API shows. Times are ISO 8601 in UTC, money is in micro-dollars, statuses are the words of
 * {@link RunStatus}.
 */
@RegisterForReflection(ignoreNested = false)
public final class Views {
    private Views() {}

    /** @param addresses each a method and a path */
    public record Index(List<String> addresses) {}

    /** @param step key of the visit that started the run */
    public record Parent(String run, String step, int attempt) {
        static Parent of(RunHead head) {
            return head.identity()
                    .parent()
                    .map(p -> new Parent(p.run(), p.step(), p.attempt()))
                    .orElse(null);
        }
    }

    /**
     * @param error RFC 9457; null unless the run failed
     * @param attributes search attributes
     * @param parent null unless another run started it
     * @param forkedFrom id of the run that it was forked from, else null
     * @param resets how often it was taken back to an earlier step
     * @param reason of a cancellation, as the person gave it, else null
     * @param tenant on whose behalf it runs, else null
     * @param priority {@code high}, {@code normal} or {@code low}
     * @param startsAt when it begins at the earliest; null when it was to begin at once
     */
    public record RunSummary(
            String id,
            String namespace,
            String workflow,
            String revision,
            String status,
            String title,
            Instant acceptedAt,
            Instant startedAt,
            Instant endedAt,
            Usage usage,
            JsonNode error,
            long version,
            Map<String, String> attributes,
            Parent parent,
            String forkedFrom,
            int resets,
            String reason,
            String tenant,
            String priority,
            Instant startsAt) {

        static RunSummary of(RunHead head) {
            return new RunSummary(
                    head.id(),
                    head.identity().namespace(),
                    head.workflow(),
                    head.revision(),
                    head.status().word(),
                    head.title(),
                    head.acceptedAt(),
                    head.startedAt().orElse(null),
                    head.endedAt().orElse(null),
                    head.usage(),
                    head.problem().map(Problem::toJson).orElse(null),
                    head.version(),
                    head.attributes(),
                    Parent.of(head),
                    presentOrNull(head.identity().origin()),
                    head.resets(),
                    presentOrNull(head.reason()),
                    presentOrNull(head.identity().service().tenant()),
                    head.identity().service().priority().word(),
                    head.identity().startsAt().orElse(null));
        }

        private static String presentOrNull(String text) {
            return text.isEmpty() ? null : text;
        }
    }

    /** @param next cursor of the following page, null on the last one */
    public record RunPage(List<RunSummary> runs, String next, Map<String, Long> counts) {
        static Map<String, Long> words(Map<RunStatus, Long> counts) {
            return counts.entrySet().stream()
                    .collect(Collectors.toMap(e -> e.getKey().word(), Map.Entry::getValue));
        }
    }

    /**
     * @param output null until the run succeeded
     * @param cause why the run started by itself, see {@code store.Runs.cause}; null when somebody asked for it
     * @param steps the visits of steps, the last 500 that began
     * @param stepsLeftOut how many visits before those are not shown; the history has them all
     * @param cost of its calls of models, by the ledger
     */
    public record Run(
            String id,
            String namespace,
            String workflow,
            String revision,
            String status,
            String title,
            Instant acceptedAt,
            Instant startedAt,
            Instant endedAt,
            Usage usage,
            JsonNode error,
            long version,
            Map<String, String> attributes,
            Parent parent,
            String forkedFrom,
            int resets,
            String reason,
            String tenant,
            String priority,
            Instant startsAt,
            JsonNode input,
            JsonNode output,
            JsonNode cause,
            List<Step> steps,
            long stepsLeftOut,
            CallViews.Cost cost) {

        static Run of(
                RunHead head, JsonNode input, JsonNode output, JsonNode cause, RunCalls calls, long stepsLeftOut) {
            RunSummary s = RunSummary.of(head);
            return new Run(
                    s.id,
                    s.namespace,
                    s.workflow,
                    s.revision,
                    s.status,
                    s.title,
                    s.acceptedAt,
                    s.startedAt,
                    s.endedAt,
                    s.usage,
                    s.error,
                    s.version,
                    s.attributes,
                    s.parent,
                    s.forkedFrom,
                    s.resets,
                    s.reason,
                    s.tenant,
                    s.priority,
                    s.startsAt,
                    input,
                    output,
                    cause,
                    calls.steps(),
                    stepsLeftOut,
                    calls.cost());
        }
    }

    /**
     * One visit of a step.
     *
     * @param step names the visit: the pointer, in a loop with the round, as {@code …#7}, after a reset with its number
     * @param pointer JSON pointer into the workflow document
     * @param function null for a step that calls none
     * @param waitingFor null unless something outside moves the step on
     */
    public record Step(
            String step,
            String pointer,
            String name,
            String function,
            String status,
            List<Attempt> attempts,
            JsonNode output,
            WaitingFor waitingFor) {
        Step with(List<Attempt> others) {
            return new Step(step, pointer, name, function, status, others, output, waitingFor);
        }
    }

    /**
     * What a step waits for; members that say nothing are left out.
     *
     * @param kind {@code timer event person function limit rate backoff retry deferred run turn}
     * @param text for a person to read
     * @param until when the wait ends by itself
     * @param since when it began, for a function: when it was queued, or taken
     * @param types of the events that are listened for
     * @param run that was started
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record WaitingFor(
            String kind,
            String text,
            Instant until,
            Instant since,
            List<String> types,
            String function,
            Integer attempt,
            String run) {}

    /** @param next index to go on from; null on the last page */
    public record HistoryPage(List<HistoryLine> entries, long from, long total, Long next) {}

    /**
     * @param index from 0, in the order of events
     * @param attempt 0 where none is meant; @param data output, problem or event, else null
     */
    public record HistoryLine(
            long index,
            Instant at,
            String kind,
            String step,
            int attempt,
            Instant startedAt,
            Usage usage,
            JsonNode data) {}

    /** What became of a command. @param id of the run, for a fork of the new one */
    public record Commanded(String id, String action, String location) {}

    /** @param event its id */
    public record Signalled(String id, String event) {}

    /**
     * @param listeners whether runs listen for events of such a type
     * @param collected whether an event waits for others that start a run with it, or completed those that waited
     */
    public record Taken(List<Started> runs, List<Refused> refused, boolean listeners, boolean collected) {}

    /**
     * A question to a person.
     *
     * @param status {@code open}, {@code answered}, {@code late} or {@code gone}
     * @param request what the author of the workflow asks; null when it is not known any more
     * @param answer {@code approved by at}, where it is known; null while it is open
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Question(
            String run,
            String workflow,
            String step,
            String status,
            JsonNode request,
            Instant askedAt,
            Instant deadline,
            String link,
            JsonNode answer) {}

    public record QuestionPage(List<Question> approvals, String next) {}

    /** @param startedAt null while it waits in the queue; @param calls of models, at most the first 100 */
    public record Attempt(
            int attempt,
            Instant startedAt,
            Instant endedAt,
            String status,
            JsonNode problem,
            Usage usage,
            List<CallViews.Call> calls) {
        Attempt(int attempt, Instant startedAt, Instant endedAt, String status, JsonNode problem, Usage usage) {
            this(attempt, startedAt, endedAt, status, problem, usage, List.of());
        }

        Attempt with(List<CallViews.Call> others) {
            return new Attempt(attempt, startedAt, endedAt, status, problem, usage, others);
        }
    }

    /** @param triggers event types that start a run */
    public record Workflow(
            String namespace,
            String name,
            String version,
            String revision,
            String title,
            String summary,
            List<String> triggers) {
        static Workflow of(Definition definition) {
            JsonNode document = definition.document().path("document");
            return new Workflow(
                    definition.namespace(),
                    definition.name(),
                    definition.version(),
                    definition.revision(),
                    document.path("title").asText(definition.name()),
                    document.path("summary").asText(""),
                    definition.triggers());
        }
    }

    /** @param created false when this very revision had been deployed before */
    public record Deployed(
            String namespace, String name, String version, String revision, Instant deployedAt, boolean created) {
        static Deployed of(Definitions.Deployment deployment) {
            Definition d = deployment.definition();
            return new Deployed(
                    d.namespace(), d.name(), d.version(), d.revision(), deployment.deployedAt(), deployment.created());
        }
    }

    /** @param functions names of all that a step calls */
    public record Checked(
            boolean valid,
            String namespace,
            String name,
            String version,
            String revision,
            Collection<String> functions) {
        static Checked of(Definition d) {
            return new Checked(true, d.namespace(), d.name(), d.version(), d.revision(), d.functions());
        }
    }

    /** The one deployed last first; one of them is {@code latest}. */
    public record RevisionList(List<Definitions.Revision> revisions) {}

    public record WorkflowList(List<Workflow> workflows) {}

    /** @param name of the uploaded file; null for a start by JSON or event */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Started(String id, String location, String name) {
        static Started of(String id, String name) {
            return new Started(id, "/v1/runs/" + id, name);
        }
    }

    public record Refused(String name, JsonNode problem) {}

    /** What became of each part of a request that starts several runs. */
    public record Batch(List<Started> runs, List<Refused> refused) {}

    public record Result(String run, String workflow, String name, Instant endedAt, JsonNode output) {}

    public record ResultPage(List<Result> results, String next) {}
}
