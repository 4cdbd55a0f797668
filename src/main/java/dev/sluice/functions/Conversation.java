package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.ProblemException;
import java.util.List;
import java.util.Set;

/** The messages that a step sends to a model. */
final class Conversation {
    /** 1,000: longer than any model keeps in mind; a loop that adds to them for ever ends here. */
    private static final int MESSAGES_MAX = 1_000;

    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");

    private Conversation() {}

    /**
     * {@code system} first, then {@code prompt} as a message of the user, or {@code messages}; the images follow the
     * text of the last message of the user.
     *
     * @throws ProblemException SL4008 when there is no prompt and no message, both, or one that is no message
     */
    static ArrayNode of(StepInput input, List<ObjectNode> images) {
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        String system = input.text("system", "");
        if (!system.isBlank()) messages.addObject().put("role", "system").put("content", system);
        boolean spoken = input.has("messages");
        if (spoken == input.has("prompt")) {
            throw input.refused("it needs either 'prompt', a text, or 'messages', an array of messages"
                    + (spoken ? ", and has both" : ", and has neither"));
        }
        if (spoken) messages.addAll(given(input));
        else messages.addObject().put("role", "user").put("content", input.text("prompt"));
        if (!images.isEmpty()) show(input, messages, images);
        return messages;
    }

    private static List<ObjectNode> given(StepInput input) {
        List<StepInput> messages = input.objects("messages", MESSAGES_MAX);
        if (messages.isEmpty()) throw input.refused("its 'messages' are empty; a model needs at least one");
        for (StepInput message : messages) {
            if (ROLES.contains(message.text("role"))) continue;
            throw message.refused("the role of a message is system, developer, user, assistant or tool");
        }
        return messages.stream()
                .map(message -> (ObjectNode) message.object().deepCopy())
                .toList();
    }

    private static void show(StepInput input, ArrayNode messages, List<ObjectNode> images) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            ObjectNode message = (ObjectNode) messages.get(i);
            if (!message.path("role").asText().equals("user")) continue;
            JsonNode content = message.path("content");
            ArrayNode parts = JsonNodeFactory.instance.arrayNode();
            if (content.isTextual()) parts.addObject().put("type", "text").put("text", content.textValue());
            else content.forEach(parts::add);
            parts.addAll(images);
            message.set("content", parts);
            return;
        }
        throw input.refused("its 'images' need a message of the user to stand in, and there is none");
    }
}
