package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;

/**
 * Vectors of texts.
 *
 * @param vectors an array of arrays of numbers, in the order of the texts
 * @param usage nothing when an earlier attempt of the step has bought them
 */
public record Embedded(ArrayNode vectors, Usage usage, String endpoint, String model) {
    /**
     * @param completion in OpenAI's words: {@code data} with {@code index} and {@code embedding}
     * @throws ProblemException SL5003 when there is not one vector of numbers for each of {@code texts}
     */
    static Embedded of(Completion completion, int texts) {
        var byIndex = new JsonNode[texts];
        JsonNode data = completion.body().path("data");
        for (int i = 0; i < data.size(); i++) {
            JsonNode vector = data.get(i).path("embedding");
            int index = data.get(i).path("index").asInt(i);
            boolean fits = index >= 0 && index < texts && byIndex[index] == null;
            if (!fits || !isVector(vector)) throw unusable(completion, "its data/" + i + " is no vector of a text");
            byIndex[index] = vector;
        }
        if (data.size() < texts) throw unusable(completion, data.size() + " vectors for " + texts + " texts");
        ArrayNode vectors = JsonNodeFactory.instance.arrayNode();
        for (JsonNode vector : byIndex) vectors.add(vector);
        return new Embedded(vectors, completion.usage(), completion.endpoint(), completion.model());
    }

    private static boolean isVector(JsonNode vector) {
        return vector.isArray() && !vector.isEmpty() && vector.valueStream().allMatch(JsonNode::isNumber);
    }

    private static ProblemException unusable(Completion completion, String flaw) {
        String whose = "model \"" + completion.model() + "\" at endpoint \"" + completion.endpoint() + "\"";
        return new ProblemException(EndpointFailure.unusable(whose, flaw), completion.usage(), null);
    }
}
