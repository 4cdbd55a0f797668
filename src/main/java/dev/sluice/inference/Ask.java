package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;

/**
 * One question to a model.
 *
 * @param model alias of the model, "" for the configured default
 * @param system what the model is to do; may be empty
 * @param user what it is to do it with; a document stands between a line {@code <document name="…">} and a line
 *     {@code </document>}
 * @param schemaName name of the schema for the endpoint: letters, digits, {@code _} and {@code -}, at most 64
 * @param schema JSON Schema of the answer
 * @param outputTokensMax bound of the answer in tokens, above 0
 * @param account on whose behalf
 */
public record Ask(
        String model,
        String system,
        String user,
        String schemaName,
        JsonNode schema,
        int outputTokensMax,
        Account account) {
    public Ask {
        Objects.requireNonNull(model);
        Objects.requireNonNull(system);
        Objects.requireNonNull(user);
        Objects.requireNonNull(schemaName);
        Objects.requireNonNull(schema);
        Objects.requireNonNull(account);
        if (outputTokensMax <= 0) {
            throw new IllegalArgumentException("outputTokensMax must be above 0, is " + outputTokensMax);
        }
    }

    /** On nobody's behalf. */
    public Ask(String model, String system, String user, String schemaName, JsonNode schema, int outputTokensMax) {
        this(model, system, user, schemaName, schema, outputTokensMax, Account.NOBODY);
    }
}
