package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Usage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallTest {
    private static final JsonNode PARAMETERS = Texts.json("{'type': 'object', 'required': ['city'],"
            + " 'properties': {'city': {'type': 'string'}, 'days': {'type': 'integer'}}}");

    private static final List<Tool> TOOLS = List.of(
            new Tool("weather", "", PARAMETERS, false),
            new Tool("now", "", Texts.json("{'type': 'object', 'properties': {}}"), false));

    private static ObjectNode call(String id, String name, String arguments) {
        ObjectNode call = Texts.JSON.createObjectNode().put("id", id).put("type", "function");
        call.putObject("function").put("name", name).put("arguments", arguments);
        return call;
    }

    private static Reply reply(String finish, ObjectNode... calls) {
        ObjectNode completion = Texts.JSON.createObjectNode();
        ObjectNode choice = completion.putArray("choices").addObject().put("finish_reason", finish);
        choice.putObject("message")
                .put("role", "assistant")
                .putNull("content")
                .putArray("tool_calls")
                .addAll(List.of(calls));
        return new Reply(completion, Usage.NONE, "a", "m");
    }

    private static ToolCall read(String arguments) {
        return ToolCall.of(reply("tool_calls", call("c1", "weather", arguments)), TOOLS)
                .getFirst();
    }

    @Test
    void aCallHasItsIdItsNameAndItsArguments() {
        assertThat(read("{\"city\": \"Rome\"}"))
                .isEqualTo(new ToolCall("c1", "weather", Texts.json("{'city': 'Rome'}"), ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "```json\n{\"city\": \"Rome\"}\n```",
                "{'city': 'Rome'}",
                "{\"city\": \"Rome\",}",
                "\"{\\\"city\\\": \\\"Rome\\\"}\""
            })
    void argumentsThatAreNotQuiteJsonAreRepaired(String said) {
        assertThat(read(said).arguments()).isEqualTo(Texts.json("{'city': 'Rome'}"));
        assertThat(read(said).problem()).isEmpty();
    }

    @Test
    void argumentsThatAreNoObjectAreAProblemThatTheModelIsTold() {
        assertThat(read("Rome").problem()).isEqualTo("the arguments are no JSON object; call it again");
        assertThat(read("[1]").problem()).contains("no JSON object");
        assertThat(read("Rome").arguments()).isEqualTo(Texts.json("{}"));
    }

    @Test
    void argumentsThatBreakTheSchemaAreAProblem() {
        ToolCall call = read("{\"city\": \"Rome\", \"days\": \"two\"}");
        assertThat(call.problem()).contains("/days breaks \"type\"");
        assertThat(call.arguments().path("city").asText()).isEqualTo("Rome");
    }

    @Test
    void aToolThatDoesNotExistIsAProblemThatNamesThoseThatDo() {
        ToolCall call = ToolCall.of(reply("tool_calls", call("c1", "forecast", "{}")), TOOLS)
                .getFirst();
        assertThat(call.problem()).isEqualTo("there is no tool 'forecast'; there are weather, now");
    }

    /** What is missing at the end may have been a longer number: a tool must not act on it. */
    @Test
    void argumentsThatWereCutOffAreNotCompleted() {
        var calls = ToolCall.of(
                reply("length", call("c1", "now", "{}"), call("c2", "weather", "{\"city\": \"Rome\", \"days\": 1")),
                TOOLS);
        assertThat(calls.getFirst().problem()).isEmpty();
        assertThat(calls.getLast().problem()).isEqualTo("the arguments are cut off; call it again");
    }

    @Test
    void callsWithoutIdsOfTheirOwnGetSome() {
        ObjectNode nameless = call("", "now", "");
        nameless.remove("id");
        var calls = ToolCall.of(
                reply("tool_calls", call("x", "now", ""), call("x", "now", "{}"), nameless, call("y", "now", "{}")),
                TOOLS);
        assertThat(calls).extracting(ToolCall::id).containsExactly("x", "call_2", "call_3", "y");
    }

    @Test
    void theMessageIsRepeatedWithArgumentsThatEveryEndpointCanRead() {
        Reply reply = reply("tool_calls", call("c1", "weather", "{'city': 'Rome'}"), call("c2", "now", "{{{"));
        ((ObjectNode) reply.message()).put("annotations", "x");
        assertThat(reply.repeated(ToolCall.of(reply, TOOLS))).isEqualTo(Texts.json("""
                {'role': 'assistant', 'content': null, 'tool_calls': [
                 {'id': 'c1', 'type': 'function', 'function': {'name': 'weather', 'arguments': '{\\"city\\":\\"Rome\\"}'}},
                 {'id': 'c2', 'type': 'function', 'function': {'name': 'now', 'arguments': '{}'}}]}"""));
    }

    @Test
    void aReplyWithoutCallsSaysItsTextOrWhyItRefused() {
        JsonNode refused = Texts.json("{'choices': [{'message': {'content': null, 'refusal': 'No.'}}]}");
        Reply reply = new Reply(refused, Usage.NONE, "a", "m");
        assertThat(reply.text()).isEqualTo("No.");
        assertThat(reply.finishReason()).isEmpty();
        assertThat(reply.repeated(List.of())).isEqualTo(Texts.json("{'role': 'assistant', 'content': 'No.'}"));
    }

    /** Converts amounts. */
    record Conversion(@Description("ISO 4217") String to, Optional<Double> rate) {}

    @Test
    void aRecordIsTheSchemaOfAMethodThatIsATool() {
        JsonNode declaration = Tool.declaration("convert", "Converts amounts.", AnswerType.of(Conversion.class));
        assertThat(declaration).isEqualTo(Texts.json("""
                {'function': 'convert', 'description': 'Converts amounts.', 'parameters': {
                 'type': 'object', 'additionalProperties': false, 'required': ['to', 'rate'], 'properties': {
                  'to': {'type': 'string', 'description': 'ISO 4217'}, 'rate': {'type': ['number', 'null']}}}}"""));
        assertThat(new Tool("convert", "", declaration.path("parameters"), true).mistake())
                .isEmpty();
    }

    @Test
    void aToolThatNoEndpointWouldTakeIsRefusedBeforehand() {
        assertThat(new Tool("a.b", "", PARAMETERS, false).mistake())
                .hasValueSatisfying(why -> assertThat(why).contains("1 to 64 letters"));
        assertThat(new Tool("a", "", Texts.json("{'type': 'array'}"), false).mistake())
                .contains("its parameters must be a schema of type object");
        assertThat(new Tool("a", "", Texts.json("{'type': 'object', 'properties': {'a': {'pattern': '('}}}"), false)
                        .mistake())
                .isPresent();
    }
}
