package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RunId;
import dev.sluice.store.Definitions;
import dev.sluice.store.Runs;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Accepts runs: one door for HTTP, uploads and events. */
@ApplicationScoped
class Starts {
    /** 4,096 characters: room for a URL and an event's source; a key is hashed and stored nowhere. */
    static final int KEY_CHARACTERS_MAX = 4_096;

    private final Definitions definitions;
    private final Runs runs;
    private final Partitions partitions;
    private final Clock clock;
    /** 20 names fill three lines; a deployment may have thousands. */
    private static final int NAMED_MAX = 20;

    private final RandomGenerator random = new SecureRandom();

    Starts(Definitions definitions, Runs runs, Partitions partitions, Clock clock) {
        this.definitions = definitions;
        this.runs = runs;
        this.partitions = partitions;
        this.clock = clock;
    }

    /**
     * @param name alone or as {@code namespace.name}
     * @throws dev.sluice.workflow.ProblemException SL2001, naming the workflows there are; SL2018
     */
    Definition workflow(String name) {
        return definitions.latest(name).orElseThrow(() -> {
            var known =
                    definitions.all().stream().map(Definition::qualifiedName).toList();
            return unknown(name, known).asException();
        });
    }

    /** Names {@link #NAMED_MAX} of the workflows there are. */
    static Problem unknown(String name, List<String> known) {
        String more =
                known.size() > NAMED_MAX ? " and " + (known.size() - NAMED_MAX) + " more, see GET /v1/workflows" : "";
        String deployed = known.stream().limit(NAMED_MAX).collect(Collectors.joining(", "));
        return Problem.of(
                Code.SL2001,
                "there is no workflow '" + name + "'. Deploy it by POST /v1/workflows. Deployed: "
                        + (known.isEmpty() ? "none" : deployed) + more);
    }

    /**
     * Starts a run, or finds the one that the same key started first.
     *
     * @return the run's id; Redis has the run
     * @throws dev.sluice.workflow.ProblemException SL2009 when the key was used with another input, SL2011
     */
    String start(Definition workflow, JsonNode input, Optional<String> key) {
        String runId = key.map(k -> idForKey(workflow, k))
                .orElseGet(() -> RunId.next(partitions.any(workflow.queue().group(), random), clock.instant(), random));
        if (accept(workflow, runId, input) == Acceptance.OTHER_INPUT) {
            throw usedBefore(runId);
        }
        return runId;
    }

    static ProblemException usedBefore(String runId) {
        return Problem.of(
                        Code.SL2009,
                        "the key was used before for run " + runId
                                + " with another input. Use a new key for a new input.")
                .asException();
    }

    private Acceptance accept(Definition workflow, String runId, JsonNode input) {
        workflow.checkInput(input);
        return runs.start(workflow, runId, input, clock.instant());
    }

    private String idForKey(Definition workflow, String key) {
        checkKey(key);
        Partition partition = partitions.forKey(workflow.queue().group(), workflow.qualifiedName() + "\n" + key);
        return RunId.forKey(partition, workflow.qualifiedName(), key);
    }

    /** @throws dev.sluice.workflow.ProblemException SL2014 */
    static void checkKey(String key) {
        if (key.isEmpty() || key.length() > KEY_CHARACTERS_MAX) {
            throw Problem.of(
                            Code.SL2014,
                            "an idempotency key has 1 to " + KEY_CHARACTERS_MAX + " characters, this one has "
                                    + key.length())
                    .asException();
        }
    }
}
