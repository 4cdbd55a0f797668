package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;
import java.util.Locale;
import java.util.Optional;

/**
 * The answer to a {@link ModelCall}, whole.
 *
 * @param body as the endpoint gave it
 * @param usage what this call adds to the step's: nothing when an earlier attempt has bought the answer
 * @param source whether it was bought just now
 * @param escalation alias to be asked when the answer does not match its schema
 */
record Completion(
        JsonNode body, String endpoint, String model, Usage usage, Source source, Optional<String> escalation) {
    /** The same, with what the call had paid elsewhere before. */
    Completion after(Usage paid) {
        return new Completion(body, endpoint, model, paid.plus(usage), source, escalation);
    }

    enum Source {
        /** From the endpoint, paid. */
        BOUGHT,
        /** From the journal: this step has paid for it before. */
        JOURNAL,
        /** From the cache: somebody of the same tenant has paid for it. */
        CACHE;

        /** @param word as {@link #word} has it; anything else: bought */
        static Source of(String word) {
            for (Source source : values()) if (source.word().equals(word)) return source;
            return BOUGHT;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
