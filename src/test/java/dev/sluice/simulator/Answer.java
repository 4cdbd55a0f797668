package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What the model says to one arrival of a request.
 *
 * @param content empty when it calls tools
 * @param finish as in the protocol: {@code stop}, {@code length}, {@code tool_calls}, {@code content_filter}
 * @param cached of the input tokens, read from the prompt cache
 * @param sound whole, and valid against the schema that was asked for
 */
record Answer(
        String content, List<ToolCall> calls, String finish, long input, long cached, long output, boolean sound) {
    /** @param arguments JSON text */
    record ToolCall(String id, String name, String arguments) {}

    static Answer to(Question question, Options options, Chance chance) {
        long cached = chance.arrival() > 1 ? (long) (question.inputTokens() * options.cachedShare()) : 0;
        List<ToolCall> calls = calls(question, chance);
        if (!calls.isEmpty()) {
            long output = calls.stream()
                    .mapToLong(c -> Question.tokens(c.name() + c.arguments()))
                    .sum();
            return new Answer("", calls, "tool_calls", question.inputTokens(), cached, output, true);
        }
        boolean malformed = question.wantsJson() && chance.of("malformed", options.malformedRate());
        JsonNode valid = question.wantsJson() ? SchemaValues.of(schema(question)) : null;
        String content = valid == null ? prose(options.answerTokens()) : valid.toString();
        if (malformed) content = options.malformed().one(chance).spoil(valid);
        return bounded(question, content, cached, chance.of("filter", options.filterRate()), !malformed);
    }

    private static Answer bounded(Question question, String whole, long cached, boolean filtered, boolean sound) {
        long output = Question.tokens(whole);
        long most = filtered ? Math.ceilDiv(output, 2) : question.outputMax() > 0 ? question.outputMax() : output;
        String finish = filtered ? "content_filter" : most < output ? "length" : "stop";
        long said = Math.min(output, most);
        boolean isWhole = finish.equals("stop");
        return new Answer(
                Question.cut(whole, said), List.of(), finish, question.inputTokens(), cached, said, sound && isWhole);
    }

    /** Without a schema of its own, as in JSON mode: an object with one member. */
    private static JsonNode schema(Question question) {
        if (!question.schema().isMissingNode()) return question.schema();
        return Question.JSON
                .createObjectNode()
                .set("properties", Question.JSON.createObjectNode().set("answer", Question.JSON.createObjectNode()));
    }

    private static String prose(int tokens) {
        String sentence = SchemaValues.SENTENCE + " ";
        long times = Math.ceilDiv(tokens, Question.tokens(sentence));
        return Question.cut(sentence.repeat((int) times), tokens).strip();
    }

    /** Each tool once, all at the same time unless that was ruled out; none when all have been called. */
    private static List<ToolCall> calls(Question question, Chance chance) {
        var calls = new ArrayList<ToolCall>();
        List<String> called = called(question.body().path("messages"));
        JsonNode choice = question.body().path("tool_choice");
        if (choice.asText().equals("none")) return calls;
        String only = choice.at("/function/name").asText("");
        for (JsonNode tool : question.body().path("tools")) {
            String name = tool.at("/function/name").asText();
            if (called.contains(name) || !only.isEmpty() && !only.equals(name)) continue;
            String id = "call_" + chance.hash() + "_" + chance.arrival() + "_" + calls.size();
            calls.add(new ToolCall(
                    id, name, arguments(tool.at("/function/parameters")).toString()));
            if (!question.body().path("parallel_tool_calls").asBoolean(true)) break;
        }
        return calls;
    }

    private static JsonNode arguments(JsonNode parameters) {
        JsonNode arguments = SchemaValues.of(parameters);
        return arguments.isObject() ? arguments : Question.JSON.createObjectNode();
    }

    /** Names of the tools that were called since the last message of the user. */
    private static List<String> called(JsonNode messages) {
        var called = new ArrayList<String>();
        for (JsonNode message : messages) {
            if (message.path("role").asText().equals("user")) called.clear();
            message.path("tool_calls")
                    .forEach(call -> called.add(call.at("/function/name").asText()));
        }
        return called;
    }
}
