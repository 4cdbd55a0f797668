package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;

/** @param value already validated against the schema */
public record Answer(JsonNode value, Usage usage, String endpoint, String model) {}
