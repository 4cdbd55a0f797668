package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Tool;
import dev.sluice.workflow.ProblemException;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** What a model is told of an operation is what {@code call: openapi} takes. */
class ToolSchemaTest {
    private static final String COMPONENTS = """
            'components': {'schemas': {
              'Pet': {'type': 'object', 'required': ['name', 'id'], 'xml': {'name': 'pet'}, 'properties': {
                'id': {'type': 'integer', 'readOnly': true},
                'name': {'type': 'string', 'pattern': '^[a-z]+$', 'example': 'rex'},
                'age': {'type': 'number', 'nullable': true, 'minimum': 0, 'exclusiveMinimum': true},
                'mother': {'$ref': '#/components/schemas/Pet'}}},
              'Mixed': {'allOf': [{'$ref': '#/components/schemas/Pet'}, {'properties': {'chip': {'enum': [1, 2]}}}]}}}""";

    private static JsonNode of(String operation) {
        return made("{'openapi': '3.0.3', 'servers': [{'url': 'https://a.example'}], 'paths': {'/pets/{id}': {'put': "
                + operation + "}}, " + COMPONENTS + "}");
    }

    private static ApiDocument document(String text) {
        return ApiDocument.of(json(text), URI.create("https://a.example/api.json"));
    }

    private static JsonNode made(String text) {
        ApiDocument document = document(text);
        ObjectNode schema = ToolSchema.of(document, document.operation("op"));
        assertThat(new Tool("op", "", schema, false).mistake()).isEmpty();
        return schema;
    }

    private static String body(String schema) {
        return "'requestBody': {'required': true, 'content': {'application/json': {'schema': " + schema + "}}}";
    }

    @Test
    void parametersAndTheMembersOfTheBodyStandSideBySide() {
        JsonNode schema = of("{'operationId': 'op', 'parameters': ["
                + "{'name': 'id', 'in': 'path', 'required': true, 'description': 'which', 'schema': {'type': 'string'}},"
                + "{'name': 'Authorization', 'in': 'header', 'schema': {}},"
                + "{'name': 'mode', 'in': 'query', 'required': true, 'schema': {'enum': ['a', 'b'], 'default': 'a'}},"
                + "{'name': 'filter', 'in': 'query', 'content': {'application/json': {'schema': {'type': 'object'}}}}],"
                + body("{'type': 'object', 'required': ['name'], 'properties': {'name': {'type': 'string'}, 'n': {}}}")
                + "}");
        assertThat(schema).isEqualTo(json("""
                {'type': 'object', 'properties': {
                  'id': {'type': 'string', 'description': 'which'}, 'mode': {'enum': ['a', 'b'], 'default': 'a'},
                  'filter': {'type': 'object'}, 'name': {'type': 'string'}, 'n': {}},
                 'required': ['id', 'name'], 'additionalProperties': false}"""));
    }

    @Test
    void referencesStandInTheirPlaceInWordsOfJsonSchemaAndACircleEnds() {
        JsonNode schema = of("{'operationId': 'op', " + body("{'$ref': '#/components/schemas/Pet'}") + "}");
        assertThat(schema.path("properties")).isEqualTo(json("""
                {'name': {'type': 'string', 'pattern': '^[a-z]+$'},
                 'age': {'type': ['number', 'null'], 'exclusiveMinimum': 0}, 'mother': {}}"""));
        assertThat(schema.path("required")).isEqualTo(json("['name']"));
    }

    @Test
    void aBodyThatIsNoPlainObjectOrSharesANameIsOneMember() {
        JsonNode mixed = of("{'operationId': 'op', " + body("{'$ref': '#/components/schemas/Mixed'}") + "}");
        assertThat(mixed.at("/properties/body/allOf/1/properties/chip")).isEqualTo(json("{'enum': [1, 2]}"));
        assertThat(mixed.path("required")).isEqualTo(json("['body']"));
        JsonNode shared = of("{'operationId': 'op', 'parameters': [{'name': 'id', 'in': 'path', 'schema': {}}], "
                + body("{'properties': {'id': {'type': 'string'}}}") + "}");
        assertThat(shared.at("/properties/body/properties/id")).isEqualTo(json("{'type': 'string'}"));
        JsonNode list = of("{'operationId': 'op', " + body("{'type': 'array', 'items': {'type': 'integer'}}") + "}");
        assertThat(list.at("/properties/body/items/type").asText()).isEqualTo("integer");
    }

    @Test
    void whatTheSchemaAllowsTheCallTakes() {
        String text = "{'openapi': '3.0.3', 'servers': [{'url': 'https://a.example'}], 'paths': {'/p/{id}': {'put': "
                + "{'operationId': 'op', 'parameters': [{'name': 'id', 'in': 'path', 'schema': {}}], "
                + body("{'properties': {'id': {}}}") + "}}}}";
        ApiDocument document = document(text);
        Outgoing request = ApiRequest.of(document, document.operation("op"), json("{'id': 1, 'body': {'id': 7}}"));
        assertThat(request.uri()).hasToString("https://a.example/p/1");
        assertThat(request.body()).asString().isEqualTo("{\"id\":7}");
    }

    @Test
    void swagger2SaysTheSameInItsOwnWay() {
        JsonNode schema = made("""
                {'swagger': '2.0', 'host': 'a.example', 'paths': {'/p': {'post': {'operationId': 'op', 'parameters': [
                  {'name': 'status', 'in': 'query', 'required': true, 'type': 'array', 'items': {'type': 'string'},
                   'collectionFormat': 'pipes', 'description': 'some'},
                  {'name': 'pet', 'in': 'body', 'required': true, 'schema': {'properties': {'name': {'type': 'string'}}}}
                ]}}}}""");
        assertThat(schema.path("properties")).isEqualTo(json("""
                {'status': {'type': 'array', 'items': {'type': 'string'}, 'description': 'some'},
                 'name': {'type': 'string'}}"""));
        assertThat(schema.path("required")).isEqualTo(json("['status']"));
    }

    @Test
    void anUploadOrASchemaThatCostsTooMuchIsRefused() {
        String upload = "{'swagger': '2.0', 'paths': {'/p': {'post': {'operationId': 'op', 'parameters': [{'name': 'f',"
                + " 'in': 'formData', 'type': 'file'%s}]}}}}";
        assertThat(made(upload.formatted("")).path("properties")).isEmpty();
        assertThat(refusal(upload.formatted(", 'required': true"))).contains("'f' is an upload of a file");
        String large = "{'swagger': '2.0', 'paths': {'/p': {'post': {'operationId': 'op', 'parameters': [{'name': 'f',"
                + " 'in': 'query', 'description': '" + "x".repeat(40_000) + "'}]}}}}";
        assertThat(refusal(large)).contains("declare a tool of your own with fewer parameters");
    }

    private static String refusal(String text) {
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> made(text));
        assertThat(failed.problem().code()).isEqualTo("SL4018");
        return failed.problem().detail();
    }
}
