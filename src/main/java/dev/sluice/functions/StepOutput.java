package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;

/**
 * @param data the step's output
 * @param usage what model calls used to make it
 */
record StepOutput(JsonNode data, Usage usage) {}
