package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One question to a model.
 *
 * @param model alias, "" for the configured default
 * @param schema JSON Schema of the answer
 */
public record Ask(String model, String system, String user, String schemaName, JsonNode schema, int outputTokensMax) {}
