package dev.sluice.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Answer.ToolCall;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** An answer in the words of the protocol: whole, or as the events of a stream. */
final class Completion {
    private final Question question;
    private final Answer answer;
    private final String id;

    /** @param created in seconds since 1970 */
    private final long created;

    Completion(Question question, Answer answer, Chance chance, long created) {
        this.question = question;
        this.answer = answer;
        this.id = "chatcmpl-" + chance.hash() + "-" + chance.arrival();
        this.created = created;
    }

    Buffer whole() {
        ObjectNode completion = head("chat.completion");
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        if (answer.calls().isEmpty()) message.put("content", answer.content());
        else message.putNull("content");
        message.putNull("refusal");
        if (!answer.calls().isEmpty()) answer.calls().forEach(call -> put(message.withArray("tool_calls"), call));
        choice.putNull("logprobs").put("finish_reason", answer.finish());
        completion.set("usage", usage());
        return Buffer.buffer(completion.toString());
    }

    /** @param tokens of the answer in one event */
    List<Buffer> events(int tokens) {
        var events = new ArrayList<Buffer>();
        events.add(
                delta(Question.JSON.createObjectNode().put("role", "assistant").put("content", ""), null));
        long said = 0;
        for (int from = 0; from < answer.content().length(); said += tokens) {
            int to = Question.cut(answer.content(), said + tokens).length();
            events.add(delta(
                    Question.JSON
                            .createObjectNode()
                            .put("content", answer.content().substring(from, to)),
                    null));
            from = to;
        }
        for (int i = 0; i < answer.calls().size(); i++) call(i, answer.calls().get(i), events);
        events.add(delta(Question.JSON.createObjectNode(), answer.finish()));
        if (question.wantsUsage()) {
            ObjectNode last = head("chat.completion.chunk");
            last.putArray("choices");
            events.add(event(last.set("usage", usage())));
        }
        events.add(Buffer.buffer("data: [DONE]\n\n"));
        return events;
    }

    /** The call, then its arguments in two pieces. */
    private void call(int index, ToolCall call, List<Buffer> events) {
        ObjectNode first = Question.JSON.createObjectNode();
        ObjectNode named = put(first.putArray("tool_calls"), new ToolCall(call.id(), call.name(), ""));
        named.put("index", index);
        events.add(delta(first, null));
        int half = call.arguments().length() / 2;
        for (String piece :
                List.of(call.arguments().substring(0, half), call.arguments().substring(half))) {
            ObjectNode more = Question.JSON.createObjectNode();
            more.putArray("tool_calls")
                    .addObject()
                    .put("index", index)
                    .putObject("function")
                    .put("arguments", piece);
            events.add(delta(more, null));
        }
    }

    private static ObjectNode put(ArrayNode calls, ToolCall call) {
        ObjectNode json = calls.addObject().put("id", call.id()).put("type", "function");
        json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        return json;
    }

    private Buffer delta(ObjectNode delta, String finish) {
        ObjectNode chunk = head("chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").put("finish_reason", finish);
        if (question.wantsUsage()) chunk.putNull("usage");
        return event(chunk);
    }

    static Buffer event(ObjectNode data) {
        return Buffer.buffer("data: " + data + "\n\n");
    }

    private ObjectNode head(String object) {
        ObjectNode head = Question.JSON.createObjectNode().put("id", id).put("object", object);
        return head.put("created", created).put("model", question.model()).put("system_fingerprint", "fp_simulator");
    }

    private ObjectNode usage() {
        ObjectNode usage = Question.JSON.createObjectNode();
        usage.put("prompt_tokens", answer.input()).put("completion_tokens", answer.output());
        usage.put("total_tokens", answer.input() + answer.output());
        usage.putObject("prompt_tokens_details").put("cached_tokens", answer.cached());
        usage.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        return usage;
    }
}
