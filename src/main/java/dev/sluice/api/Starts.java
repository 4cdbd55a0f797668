package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.Admission;
import dev.sluice.store.Definitions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Accepts runs: one door for HTTP, uploads and events. */
@ApplicationScoped
class Starts {
    /** 4,096 characters: room for a URL and an event's source; a key is hashed and stored nowhere. */
    static final int KEY_CHARACTERS_MAX = 4_096;

    private final Definitions definitions;
    private final Admission admission;
    private final Clock clock;
    /** 20 names fill three lines; a deployment may have thousands. */
    private static final int NAMED_MAX = 20;

    Starts(Definitions definitions, Admission admission, Clock clock) {
        this.definitions = definitions;
        this.admission = admission;
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
     * @throws dev.sluice.workflow.ProblemException SL2009 when the key was used with another input, SL2011, SL2014,
     *     SL2034, SL2035, SL3004
     */
    String start(Definition workflow, JsonNode input, Optional<String> key, StartTerms terms) {
        return admission.start(request(workflow, input, key, terms)).idOrThrow();
    }

    /** @throws dev.sluice.workflow.ProblemException SL2014 */
    Admission.Request request(Definition workflow, JsonNode input, Optional<String> key, StartTerms terms) {
        key.ifPresent(Starts::checkKey);
        return new Admission.Request(workflow, input, key, terms.asked(clock.instant()), Optional.empty());
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
