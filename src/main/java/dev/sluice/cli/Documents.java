package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;

/**
 * What became of all files of one command.
 *
 * @param took from the first upload to the last result
 */
record Documents(List<DocumentResult> results, Duration took) {

    boolean allSucceeded() {
        return succeeded() == results.size();
    }

    long succeeded() {
        return results.stream().filter(DocumentResult::succeeded).count();
    }

    double seconds() {
        return took.toMillis() / 1000.0;
    }

    /** Documents that succeeded, by the hour, rounded. */
    long perHour() {
        return Math.round(succeeded() * 3600 / Math.max(seconds(), 0.001));
    }

    long usage(String member) {
        return results.stream().mapToLong(r -> r.usage(member)).sum();
    }

    /** Members {@code documents} (see {@link DocumentResult#toJson}) and {@code total}. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode documents = json.putArray("documents");
        results.forEach(r -> documents.add(r.toJson()));
        json.putObject("total")
                .put("documents", results.size())
                .put("succeeded", succeeded())
                .put("seconds", seconds())
                .put("documentsPerHour", perHour())
                .put("inputTokens", usage("inputTokens"))
                .put("outputTokens", usage("outputTokens"))
                .put("costMicros", usage("costMicros"));
        return json;
    }
}
