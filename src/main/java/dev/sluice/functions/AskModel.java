package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Chat;
import dev.sluice.inference.Models;
import dev.sluice.inference.Reply;
import dev.sluice.inference.Tool;
import dev.sluice.inference.ToolCall;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Step {@code ask}: asks a model whatever the workflow wants to know.
 *
 * <p>Input {@code {"prompt" | "messages", "system"?, "model"?, "images"?, "outputTokensMax"?, "temperature"?}}, with
 * {@code {"schema", "schemaName"?}} or with {@code {"tools"?, "toolChoice"?}}.
 *
 * <p>Output with a schema: {@code {"value", "model", "endpoint"}}, where the value is valid against it, see
 * {@link Models#ask(Chat, String, JsonNode)}. Else {@code {"text", "toolCalls": [{"id", "name", "arguments",
 * "problem"?}], "message", "finishReason", "model", "endpoint"}}, where the message is what the next question repeats.
 * No tool is called here: each call is a step of the workflow.
 */
@ApplicationScoped
public class AskModel {
    private static final Set<String> MEMBERS = Set.of(
            "prompt",
            "messages",
            "system",
            "model",
            "schema",
            "schemaName",
            "tools",
            "toolChoice",
            "images",
            "outputTokensMax",
            "temperature");

    /** 1,000 tokens are a page and a half: an answer that runs on costs no more than that unless the step says so. */
    private static final int OUTPUT_TOKENS = 1_000;

    /** 200,000: more than any model answers at once. */
    private static final int OUTPUT_TOKENS_MAX = 200_000;

    private static final Pattern SCHEMA_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Asks for a value that is valid against a schema. */
    interface Asking {
        Answer ask(Chat chat, String schemaName, JsonNode schema);
    }

    private final StepFunction contract;
    private final Images images;
    private final Tools tools;
    private final Asking asking;
    private final Function<Chat, Reply> chatting;

    @Inject
    AskModel(StepFunction contract, Images images, Tools tools, Models models) {
        this(contract, images, tools, models::ask, models::chat);
    }

    AskModel(StepFunction contract, Images images, Tools tools, Asking asking, Function<Chat, Reply> chatting) {
        this.contract = contract;
        this.images = images;
        this.tools = tools;
        this.asking = asking;
        this.chatting = chatting;
    }

    @Funq("ask")
    public Uni<CloudEvent<JsonNode>> ask(CloudEvent<byte[]> request) {
        return contract.run("ask", request, this::ask);
    }

    private StepOutput ask(StepInput input) {
        input.allow(MEMBERS);
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        request.put("max_completion_tokens", input.count("outputTokensMax", OUTPUT_TOKENS, OUTPUT_TOKENS_MAX));
        temperature(input, request);
        if (!input.has("schema")) return chat(input, request);
        if (input.has("tools")) {
            throw input.refused("'schema' and 'tools' do not go together: let the model call tools first, and ask for"
                    + " the value in a step of its own");
        }
        JsonNode schema = input.object("schema").object();
        String name = input.text("schemaName", "answer");
        if (!SCHEMA_NAME.matcher(name).matches()) {
            throw input.refused("its 'schemaName' must be 1 to 64 letters, digits, '_' or '-'");
        }
        request.set("messages", Conversation.of(input, images.read(input)));
        Answer answer = asking.ask(new Chat(input.text("model", ""), request, input.account()), name, schema);
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.set("value", answer.value());
        output.put("model", answer.model()).put("endpoint", answer.endpoint());
        return new StepOutput(output, answer.usage());
    }

    private StepOutput chat(StepInput input, ObjectNode request) {
        List<Tool> declared = tools.read(input);
        request.set("messages", Conversation.of(input, images.read(input)));
        if (!declared.isEmpty()) {
            var sent = request.putArray("tools");
            declared.forEach(tool -> sent.add(tool.toJson()));
        }
        choose(input, request, declared);
        Reply reply = chatting.apply(new Chat(input.text("model", ""), request, input.account()));
        List<ToolCall> calls = ToolCall.of(reply, declared);
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("text", reply.text());
        var wanted = output.putArray("toolCalls");
        for (ToolCall call : calls) {
            ObjectNode told = wanted.addObject().put("id", call.id()).put("name", call.name());
            told.set("arguments", call.arguments());
            if (!call.problem().isEmpty()) told.put("problem", call.problem());
        }
        output.set("message", reply.repeated(calls));
        output.put("finishReason", reply.finishReason());
        output.put("model", reply.model()).put("endpoint", reply.endpoint());
        return new StepOutput(output, reply.usage());
    }

    /** The bounds are those of the protocol. */
    private static void temperature(StepInput input, ObjectNode request) {
        if (!input.has("temperature")) return;
        JsonNode given = input.object().get("temperature");
        if (!given.isNumber() || given.doubleValue() < 0 || given.doubleValue() > 2) {
            throw input.expected("temperature", "a number from 0 to 2", given);
        }
        request.set("temperature", given);
    }

    private static void choose(StepInput input, ObjectNode request, List<Tool> declared) {
        String choice = input.text("toolChoice", "");
        if (choice.isEmpty()) return;
        boolean isTool = declared.stream().anyMatch(tool -> tool.name().equals(choice));
        if (declared.isEmpty() || !isTool && !Set.of("auto", "none", "required").contains(choice)) {
            throw input.refused("its 'toolChoice' must be auto, none, required or the name of one of its 'tools'");
        }
        if (!isTool) request.put("tool_choice", choice);
        else {
            ObjectNode only = request.putObject("tool_choice").put("type", "function");
            only.putObject("function").put("name", choice);
        }
    }
}
