package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;

/**
 * What a model answered.
 *
 * @param value valid against the schema of the {@link Ask}
 * @param usage as the endpoint counted it, else estimated at four characters a token; costs are the endpoint's prices
 * @param endpoint name of the endpoint that answered
 * @param model the model's name at that endpoint
 */
public record Answer(JsonNode value, Usage usage, String endpoint, String model) {}
