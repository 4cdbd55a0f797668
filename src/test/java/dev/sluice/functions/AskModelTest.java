package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static dev.sluice.functions.Events.CONTRACT;
import static dev.sluice.functions.Events.answer;
import static dev.sluice.functions.Events.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.WebServer.Reply;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Chat;
import dev.sluice.workflow.Problem;
import io.quarkus.funqy.knative.events.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AskModelTest {
    private static final byte[] PNG = "\u0089PNG\r\n\u001a\n…".getBytes(StandardCharsets.ISO_8859_1);
    private static final String WEATHER = "{'function': 'weather', 'description': 'Says how it is.', 'parameters':"
            + " {'type': 'object', 'required': ['city'], 'properties': {'city': {'type': 'string'}}}}";

    private final WebServer server = new WebServer();
    private final Calls calls = new Calls(List.of("denied.example"), Optional.empty());
    private final List<Chat> asked = new ArrayList<>();

    /** Of the last answer that was to be valid. */
    private JsonNode schema;

    private String said = "{'choices': [{'finish_reason': 'stop', 'message': {'content': 'Sunny.'}}]}";

    @AfterEach
    void stop() {
        server.close();
    }

    private CloudEvent<JsonNode> ask(String input) {
        var images = new Images(new Payloads(server.url("/v1/payloads")), calls.hosts);
        var function = new AskModel(
                CONTRACT,
                images,
                new Tools(calls.documents),
                (chat, name, wanted) -> {
                    asked.add(chat);
                    schema = wanted;
                    return new Answer(json("{'label': '" + name + "'}"), Events.USAGE, "test", "test-model");
                },
                chat -> {
                    asked.add(chat);
                    return new dev.sluice.inference.Reply(json(said), Events.USAGE, "test", "test-model");
                });
        return answer(function.ask(request(input.replace('\'', '"'))));
    }

    private JsonNode output(String input) {
        CloudEvent<JsonNode> answer = ask(input);
        assertThat(answer.type()).as(String.valueOf(answer.data())).isEqualTo(StepFunction.SUCCEEDED);
        assertThat(answer.extensions()).containsEntry("sluicecostmicros", "45");
        return answer.data();
    }

    private JsonNode sent(String input) {
        output(input);
        return asked.getLast().request();
    }

    private Problem refused(String input) {
        CloudEvent<JsonNode> answer = ask(input);
        assertThat(answer.type()).as(String.valueOf(answer.data())).isEqualTo(StepFunction.FAILED);
        assertThat(asked).isEmpty();
        return Problem.fromJson(answer.data());
    }

    @Test
    void aPromptIsAnsweredWithTextAndTheMessageToGoOnWith() {
        assertThat(output("{'prompt': 'How is it?', 'system': 'Be brief.', 'model': 'fast'}"))
                .isEqualTo(json("{'text': 'Sunny.', 'toolCalls': [],"
                        + " 'message': {'role': 'assistant', 'content': 'Sunny.'},"
                        + " 'finishReason': 'stop', 'model': 'test-model', 'endpoint': 'test'}"));
        Chat chat = asked.getLast();
        assertThat(chat.model()).isEqualTo("fast");
        assertThat(chat.account().run()).isEqualTo("r-42");
        assertThat(chat.request())
                .isEqualTo(
                        json("{'max_completion_tokens': 1000, 'messages': [{'role': 'system', 'content': 'Be brief.'},"
                                + " {'role': 'user', 'content': 'How is it?'}]}"));
    }

    @Test
    void withASchemaTheAnswerIsAValue() {
        assertThat(output("{'prompt': 'x', 'schema': {'type': 'object'}, 'schemaName': 'kind', 'temperature': 0}"))
                .isEqualTo(json("{'value': {'label': 'kind'}, 'model': 'test-model', 'endpoint': 'test'}"));
        assertThat(schema).isEqualTo(json("{'type': 'object'}"));
        assertThat(asked.getLast().request().path("temperature").asInt(-1)).isZero();
    }

    @Test
    void messagesGoOnAsTheyAre() {
        JsonNode messages = sent("{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant',"
                        + " 'content': null, 'tool_calls': []}, {'role': 'tool', 'tool_call_id': 'c', 'content': 'b'}]}")
                .path("messages");
        assertThat(messages).hasSize(3);
        assertThat(messages.get(2)).isEqualTo(json("{'role': 'tool', 'tool_call_id': 'c', 'content': 'b'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|either 'prompt', a text, or 'messages', an array of messages, and has neither",
                "{'prompt': 'x', 'messages': []}|and has both",
                "{'messages': []}|its 'messages' are empty",
                "{'messages': [{'role': 'robot'}]}|cannot use /messages/0 of its input: the role of a message is system",
                "{'messages': ['x']}|expects an object at /messages/0",
                "{'prompt': 'x', 'promt': 'y'}|'promt' is not a member here; there are images, messages",
                "{'prompt': 'x', 'outputTokensMax': 0}|expects a whole number from 1 to 200000 at /outputTokensMax",
                "{'prompt': 'x', 'temperature': 3}|expects a number from 0 to 2 at /temperature",
                "{'prompt': 'x', 'schema': {}, 'tools': [{}]}|'schema' and 'tools' do not go together",
                "{'prompt': 'x', 'schema': {}, 'schemaName': 'a b'}|its 'schemaName' must be 1 to 64",
                "{'prompt': 'x', 'schema': 'y'}|expects an object at /schema",
                "{'prompt': 'x', 'toolChoice': 'auto'}|its 'toolChoice' must be auto, none, required or the name",
                "{'prompt': 'x', 'tools': [{}]}|a tool has a 'function' (its name, or OpenAI's own form) or an 'openapi'",
                "{'prompt': 'x', 'tools': [{'function': 'a', 'parameter': {}}]}|'parameter' is not a member here",
                "{'prompt': 'x', 'tools': [{'function': 'a'}, {'function': 'a'}]}|/tools/1 of its input: there is a tool 'a'",
                "{'prompt': 'x', 'tools': [{'function': 'a', 'name': 'a b'}]}|as a tool, 'a b' will not do",
                "{'prompt': 'x', 'tools': [{'function': 'a', 'parameters': {'type': 'string'}}]}|schema of type object",
                "{'prompt': 'x', 'images': ['http://a.example/a.png']}|expects {\"ref\"} of a payload, an https URL or a",
                "{'prompt': 'x', 'images': ['data:text/plain,a']}|at /images/0",
                "{'messages': [{'role': 'tool'}], 'images': ['https://a.example/a.png']}|need a message of the user"
            })
    void whatCannotBeAskedIsRefusedBeforeAnythingIsPaid(String input, String why) {
        Problem problem = refused(input);
        assertThat(problem.code()).isEqualTo("SL4008");
        assertThat(problem.detail()).contains(why);
        assertThat(problem.retryable()).isFalse();
    }

    @Test
    void callsOfToolsAreGivenToTheWorkflow() {
        said = "{'choices': [{'finish_reason': 'tool_calls', 'message': {'content': null, 'tool_calls': ["
                + "{'id': 'c1', 'function': {'name': 'weather', 'arguments': {'city': 'Rome'}}},"
                + "{'id': 'c2', 'function': {'name': 'weather', 'arguments': {}}}]}}]}";
        JsonNode output = output("{'prompt': 'x', 'tools': [" + WEATHER + "], 'toolChoice': 'weather'}");
        assertThat(output.path("toolCalls").get(0))
                .isEqualTo(json("{'id': 'c1', 'name': 'weather', 'arguments': {'city': 'Rome'}}"));
        assertThat(output.at("/toolCalls/1/problem").asText()).contains("/ breaks \"required\"");
        assertThat(output.at("/message/tool_calls/0/function/arguments").asText())
                .isEqualTo("{\"city\":\"Rome\"}");
        assertThat(output.path("finishReason").asText()).isEqualTo("tool_calls");
        JsonNode request = asked.getLast().request();
        assertThat(request.path("tool_choice"))
                .isEqualTo(json("{'type': 'function', 'function': {'name': 'weather'}}"));
        assertThat(request.at("/tools/0/function/name").asText()).isEqualTo("weather");
        assertThat(request.at("/tools/0/type").asText()).isEqualTo("function");
    }

    @Test
    void aToolMayBeInOpenAisOwnFormAndHaveAnotherName() {
        JsonNode tools = sent("{'prompt': 'x', 'toolChoice': 'required', 'tools': ["
                        + "{'type': 'function', 'function': {'name': 'own', 'parameters': {'type': 'object'}}},"
                        + "{'function': 'my.weather'}, {'function': 'my.weather', 'name': 'tomorrow', 'strict': true}]}")
                .path("tools");
        assertThat(tools)
                .extracting(tool -> tool.at("/function/name").asText())
                .containsExactly("own", "my_weather", "tomorrow");
        assertThat(tools.at("/1/function/parameters")).isEqualTo(json("{'type': 'object', 'properties': {}}"));
        assertThat(tools.at("/2/function/strict").asBoolean()).isTrue();
    }

    @Test
    void anOperationOfAnOpenApiDocumentIsATool() {
        server.on("/api.json", Reply.json("""
                {"openapi": "3.1.0", "paths": {"/pets/{id}": {"get": {"operationId": "pets.find",
                 "summary": "Finds a pet.", "description": "By its number.", "parameters": [
                  {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]}}}}"""));
        for (String document : List.of("'%s'", "{'endpoint': '%s'}", "{'endpoint': {'uri': '%s'}}")) {
            JsonNode tool = sent("{'prompt': 'x', 'tools': [{'openapi': {'document': "
                            + document.formatted(server.url("/api.json")) + ", 'operationId': 'pets.find'}}]}")
                    .at("/tools/0/function");
            assertThat(tool)
                    .isEqualTo(json("{'name': 'pets_find', 'description': 'Finds a pet.\\nBy its number.',"
                            + " 'parameters': {'type': 'object', 'properties': {'id': {'type': 'integer'}},"
                            + " 'required': ['id'], 'additionalProperties': false}}"));
        }
        assertThat(server.asked).as("the document is fetched once").hasSize(1);
    }

    private String stored(byte[] bytes) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        String ref = "sha256-" + HexFormat.of().formatHex(digest);
        server.on("/v1/payloads/" + ref, new Reply(200, bytes, List.of()));
        return ref;
    }

    @Test
    void imagesStandBehindTheTextOfTheLastMessageOfTheUser() throws Exception {
        String ref = stored(PNG);
        JsonNode messages = sent("{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'user', 'content': 'b'},"
                        + " {'role': 'assistant', 'content': 'c'}], 'images': [{'ref': '" + ref + "', 'name': 'a.png'},"
                        + " 'https://a.example/b c.png', 'data:image/gif;base64,R0lGODdh']}")
                .path("messages");
        assertThat(messages.get(0).path("content").asText()).isEqualTo("a");
        assertThat(messages.at("/1/content/0")).isEqualTo(json("{'type': 'text', 'text': 'b'}"));
        assertThat(messages.at("/1/content"))
                .extracting(part -> part.at("/image_url/url").asText())
                .containsExactly(
                        "",
                        "data:image/png;base64," + Base64.getEncoder().encodeToString(PNG),
                        "https://a.example/b%20c.png",
                        "data:image/gif;base64,R0lGODdh");
    }

    @Test
    void aPayloadThatIsNoImageAndAnAddressThatIsDeniedAreRefused() throws Exception {
        String ref = stored("Hello, world".getBytes(StandardCharsets.US_ASCII));
        assertThat(refused("{'prompt': 'x', 'images': [{'ref': '" + ref + "'}]}")
                        .detail())
                .contains("the payload at /images/0 is no PNG, JPEG, GIF or WebP");
        assertThat(refused("{'prompt': 'x', 'images': ['https://denied.example/a.png']}")
                        .code())
                .isEqualTo("SL4017");
        String large = "'data:image/png;base64," + "A".repeat(11 << 20) + "'";
        assertThat(refused("{'prompt': 'x', 'images': [" + large + "," + large + "]}")
                        .detail())
                .contains("more than 20 MiB in base64");
    }
}
