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

    /** @param error RFC 9457; null unless the run failed */
    public record RunSummary(
            String id,
            String workflow,
            String revision,
            String status,
            String title,
            Instant acceptedAt,
            Instant startedAt,
            Instant endedAt,
            Usage usage,
            JsonNode error,
            long version) {

        static RunSummary of(RunHead head) {
            return new RunSummary(
                    head.id(),
                    head.workflow(),
                    head.revision(),
                    head.status().word(),
                    head.title(),
                    head.acceptedAt(),
                    head.startedAt().orElse(null),
                    head.endedAt().orElse(null),
                    head.usage(),
                    head.problem().map(Problem::toJson).orElse(null),
                    head.version());
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
     */
    public record Run(
            String id,
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
            JsonNode input,
            JsonNode output,
            JsonNode cause,
            List<Step> steps) {

        static Run of(RunHead head, JsonNode input, JsonNode output, JsonNode cause, List<Step> steps) {
            RunSummary s = RunSummary.of(head);
            return new Run(
                    s.id,
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
                    input,
                    output,
                    cause,
                    steps);
        }
    }

    /**
     * @param step JSON pointer into the workflow document
     * @param function null for a step that calls none
     */
    public record Step(
            String step, String name, String function, String status, List<Attempt> attempts, JsonNode output) {}

    /** @param startedAt null while it waits in the queue */
    public record Attempt(
            int attempt, Instant startedAt, Instant endedAt, String status, JsonNode problem, Usage usage) {}

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
