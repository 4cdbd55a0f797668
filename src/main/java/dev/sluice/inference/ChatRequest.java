package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.InferenceSettings.AnswerFormat;

/** Puts an {@link Ask} into the words of the chat-completions protocol, as an endpoint wants them. */
final class ChatRequest {
    /**
     * Where a cut message is cut: two thirds of what remains come from its start, where documents say what they are.
     */
    private static final double HEAD = 2.0 / 3;

    private ChatRequest() {}

    static ObjectNode of(Ask ask, Endpoint endpoint) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", endpoint.model());
        String system = system(ask, endpoint.answerFormat());
        var messages = request.putArray("messages");
        if (!system.isEmpty()) messages.addObject().put("role", "system").put("content", system);
        messages.addObject().put("role", "user").put("content", cutMiddle(ask.user(), endpoint.inputCharactersMax()));
        request.put(endpoint.outputLimitField(), ask.outputTokensMax());
        endpoint.temperature().ifPresent(temperature -> request.put("temperature", temperature));
        putFormat(request, ask, endpoint);
        return request;
    }

    private static String system(Ask ask, AnswerFormat format) {
        return switch (format) {
            case JSON_SCHEMA -> ask.system();
            case JSON_OBJECT, TEXT ->
                (ask.system()
                                + "\n\nAnswer with one JSON value and nothing else, valid against this JSON Schema:\n"
                                + ask.schema())
                        .strip();
        };
    }

    private static void putFormat(ObjectNode request, Ask ask, Endpoint endpoint) {
        switch (endpoint.answerFormat()) {
            case JSON_SCHEMA -> {
                ObjectNode responseFormat = request.putObject("response_format").put("type", "json_schema");
                ObjectNode named = responseFormat.putObject("json_schema").put("name", ask.schemaName());
                int charactersMax = endpoint.stringCharactersMax();
                JsonNode schema = charactersMax == 0 ? ask.schema() : SchemaBounds.of(ask.schema(), charactersMax);
                named.put("strict", true).set("schema", schema);
            }
            case JSON_OBJECT -> request.putObject("response_format").put("type", "json_object");
            case TEXT -> {}
        }
    }

    /**
     * The text, or when it is longer than {@code charactersMax} its start and its end with a line between them that
     * says how much is missing.
     *
     * @param charactersMax 0 for no bound
     */
    static String cutMiddle(String text, int charactersMax) {
        if (charactersMax == 0 || text.length() <= charactersMax) return text;
        String notice = "\n[" + (text.length() - charactersMax) + " characters or more left out here]\n";
        int kept = Math.max(0, charactersMax - notice.length());
        int head = whole(text, (int) (kept * HEAD));
        int tail = whole(text, text.length() - (kept - head));
        return text.substring(0, head) + notice + text.substring(tail);
    }

    /** The index, or the next one where it would split a surrogate pair. */
    private static int whole(String text, int index) {
        boolean splits = index > 0 && index < text.length() && Character.isLowSurrogate(text.charAt(index));
        return splits ? index + 1 : index;
    }
}
