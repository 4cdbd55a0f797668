package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.WebServer.Asked;
import dev.sluice.functions.WebServer.Reply;
import dev.sluice.workflow.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenApiCallTest {
    private static final String SWAGGER = """
            {"swagger": "2.0", "host": "HOST", "basePath": "/v2", "schemes": ["https", "http"],
             "produces": ["application/json"], "consumes": ["application/json"],
             "parameters": {"tags": {"name": "tags", "in": "query", "type": "array", "collectionFormat": "multi"}},
             "paths": {
               "/pet/findByStatus": {"get": {"operationId": "findPetsByStatus", "parameters": [
                 {"name": "status", "in": "query", "required": true, "type": "array", "collectionFormat": "pipes"},
                 {"$ref": "#/parameters/tags"}]}},
               "/pet/{petId}": {
                 "parameters": [{"name": "petId", "in": "path", "required": true, "type": "integer"}],
                 "get": {"operationId": "getPetById"},
                 "delete": {"operationId": "deletePet", "parameters": [{"name": "api_key", "in": "header"}]},
                 "post": {"operationId": "updatePetWithForm", "parameters": [
                   {"name": "name", "in": "formData", "type": "string"},
                   {"name": "status", "in": "formData", "required": true, "type": "string"}]}},
               "/pet": {"post": {"operationId": "addPet", "parameters": [
                 {"name": "pet", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Pet"}}]}},
               "/pet/{petId}/image": {"post": {"operationId": "uploadFile", "parameters": [
                 {"name": "petId", "in": "path", "type": "integer"}, {"name": "file", "in": "formData", "type": "file"}]}}},
             "definitions": {"Pet": {"properties": {"id": {}, "name": {}}}}}""";

    private static final String OPENAPI = """
            openapi: 3.0.3
            servers:
              - url: /api/{version}/
                variables: {version: {default: v3}}
            paths:
              /orders/{id}:
                get:
                  operationId: getOrder
                  parameters:
                    - $ref: '#/components/parameters/Id'
                    - {name: fields, in: query, explode: false, schema: {type: array}}
                    - {name: filter, in: query, style: deepObject, schema: {type: object}}
                    - {name: x-trace, in: header, schema: {type: string}}
                    - {name: session, in: cookie, schema: {type: string}}
              /orders:
                post:
                  operationId: createOrder
                  requestBody:
                    required: true
                    content:
                      application/json:
                        schema:
                          allOf:
                            - $ref: '#/components/schemas/Base'
                            - properties: {amount: {type: number}}
              /notes:
                put:
                  operationId: note
                  servers: [{url: 'http://HOST/notes-server'}]
                  requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {}, b: {}}}}}}
            components:
              parameters:
                Id: {name: id, in: path, required: true, schema: {type: string}}
              schemas:
                Base: {properties: {item: {type: string}}}
            """;

    @TempDir
    Path directory;

    private final WebServer server = new WebServer();
    private final Calls calls = new Calls();

    @BeforeEach
    void serve() {
        String host = "127.0.0.1:" + server.port();
        server.on("/swagger.json", Reply.json(SWAGGER.replace("HOST", host)));
        server.on("/specs/openapi.yaml", Reply.of(200, OPENAPI.replace("HOST", host), "Content-Type", "text/yaml"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String call(String document, String operation, String more) {
        return "{'document': {'endpoint': {'uri': '%s'}}, 'operationId': '%s'%s}"
                .formatted(document.startsWith("/") ? server.url(document) : document, operation, more);
    }

    private Asked asked(String path, String document, String operation, String parameters) {
        server.on(path, Reply.json("{}"));
        calls.openApi(call(document, operation, ", 'parameters': " + parameters));
        return server.last();
    }

    @Test
    void theContentOfAnOperationOfSwagger2IsTheOutput() {
        server.on("/v2/pet/findByStatus", Reply.json("[{\"id\": 1}]"));
        JsonNode pets = calls.openApi(call(
                "/swagger.json",
                "findPetsByStatus",
                ", 'parameters': {'status': ['sold', 'new'], 'tags': ['a', 'b']}"));
        assertThat(pets).isEqualTo(json("[{'id': 1}]"));
        assertThat(server.last().target()).isEqualTo("/v2/pet/findByStatus?status=sold%7Cnew&tags=a&tags=b");
        assertThat(server.last().header("accept")).contains("application/json");
    }

    @Test
    void theResponseOfAnOperationIsTheOutputWhenAskedFor() {
        server.on("/v2/pet/1", Reply.json("{\"id\": 1}"));
        JsonNode response = calls.openApi(
                call("/swagger.json", "getPetById", ", 'output': 'response', 'parameters': {'petId': 1}"));
        assertThat(response.at("/request/method").asText()).isEqualTo("get");
        assertThat(response.at("/request/uri").asText()).isEqualTo(server.url("/v2/pet/1"));
        assertThat(response.at("/request/headers").isObject()).isTrue();
        assertThat(response.at("/headers/content-type").asText()).isEqualTo("application/json");
        assertThat(response.path("statusCode").asInt()).isEqualTo(200);
        assertThat(response.path("content")).isEqualTo(json("{'id': 1}"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "addPet | /v2/pet | {'body': {'id': 1}} | {\"id\":1}",
                "addPet | /v2/pet | {'pet': {'id': 1}} | {\"id\":1}",
                "addPet | /v2/pet | {'id': 1, 'name': 'a'} | {\"id\":1,\"name\":\"a\"}",
                "updatePetWithForm | /v2/pet/1 | {'petId': 1, 'status': 'a&b', 'name': null} | status=a%26b",
                "deletePet | /v2/pet/1 | {'petId': 1, 'api_key': 'k'} | ``",
            })
    void parametersOfSwagger2GoWhereTheDocumentPutsThem(String operation, String path, String given, String body) {
        Asked asked = asked(path, "/swagger.json", operation, given);
        assertThat(asked.target()).isEqualTo(path);
        assertThat(asked.body()).isEqualTo(body);
        if (operation.equals("deletePet")) assertThat(asked.header("api_key")).isEqualTo("k");
        if (operation.endsWith("Form")) assertThat(asked.header("content-type")).endsWith("form-urlencoded");
        assertThat(asked.header("idempotency-key")).isEqualTo("r-42:/do/0/call");
    }

    @Test
    void parametersOfOpenApi3GoWhereTheDocumentPutsThem() {
        Asked asked = asked("/api/v3/orders/a b", "/specs/openapi.yaml", "getOrder", """
                {'id': 'a b', 'fields': ['x', 'y&z'], 'filter': {'min': 1}, 'x-trace': 't', 'session': 's'}""");
        assertThat(asked.target()).isEqualTo("/api/v3/orders/a%20b?fields=x,y%26z&filter%5Bmin%5D=1");
        assertThat(asked.header("x-trace")).isEqualTo("t");
        assertThat(asked.header("cookie")).isEqualTo("session=s");
        assertThat(asked.method()).isEqualTo("GET");
    }

    @Test
    void theBodyOfOpenApi3IsGatheredFromItsMembers() {
        Asked asked = asked("/api/v3/orders", "/specs/openapi.yaml", "createOrder", "{'item': 'tea', 'amount': 2}");
        assertThat(asked.body()).isEqualTo("{\"item\":\"tea\",\"amount\":2}");
        asked = asked("/api/v3/orders", "/specs/openapi.yaml", "createOrder", "{'body': {'free': true}}");
        assertThat(asked.body()).isEqualTo("{\"free\":true}");
        asked = asked("/notes-server/notes", "/specs/openapi.yaml", "note", "{'a': 1, 'b': [2, 3]}");
        assertThat(asked.body()).isEqualTo("a=1&b=2&b=3");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "/swagger.json | getPetById | {} | requires the path parameter 'petId'",
                "/swagger.json | findPetsByStatus | {'tags': []} | requires the query parameter 'status'",
                "/swagger.json | addPet | {} | requires the body 'pet'",
                "/swagger.json | updatePetWithForm | {'petId': 1} | requires the form field 'status'",
                "/swagger.json | getPetById | {'petId': 1, 'color': 'red'} | has no parameter 'color'; it has petId",
                "/specs/openapi.yaml | createOrder | {} | requires the body 'body'",
                "/specs/openapi.yaml | createOrder | {'colour': 1, 'item': 2} | has no parameter 'colour'",
            })
    void whatIsMissingOrUnknownIsAnErrorOfValidation(String document, String operation, String given, String detail) {
        Problem problem = calls.openApiFailure(call(document, operation, ", 'parameters': " + given));
        assertThat(problem.type()).isEqualTo("https://serverlessworkflow.io/spec/1.0.0/errors/validation");
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.detail()).contains(detail);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {\"get\": {\"operationId\": \"y\"}}}} | no operation 'x'; there are y",
                "{\"asyncapi\": \"3.0.0\"} | neither \"swagger\"",
                "[] | neither \"swagger\"",
                "`` | neither \"swagger\"",
                "{\"openapi\": | cannot be read at line 1",
                "a: {c: | cannot be read at line 1",
                "`a: &b {}\nc: *b` | alias *b",
                "{\"openapi\": \"3.0.0\", \"paths\": {\"/a\": {\"$ref\": \"other.json\"}}} | 'other.json' leads nowhere",
                "{\"openapi\": \"3.0.0\", \"paths\": {\"/a\": {\"$ref\": \"#/paths/~1a\"}}} | run in a circle",
            })
    void aDocumentThatCannotBeFollowedIsRefused(String document, String detail) {
        server.on("/bad", Reply.of(200, document));
        Problem problem = calls.openApiFailure(call("/bad", "x", ""));
        assertThat(problem.code()).isEqualTo("SL4018");
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.detail()).contains(detail);
    }

    @Test
    void anUploadOfAFileIsRefused() {
        Problem problem =
                calls.openApiFailure(call("/swagger.json", "uploadFile", ", 'parameters': {'petId': 1, 'file': 'x'}"));
        assertThat(problem.detail()).contains("'file' is an upload");
    }

    @Test
    void aDocumentIsFetchedOnceInTenMinutes() {
        server.on("/v2/pet/1", Reply.json("{}"));
        String call = call("/swagger.json", "getPetById", ", 'parameters': {'petId': 1}");
        calls.openApi(call);
        calls.clock.forward(Duration.ofMinutes(9));
        calls.openApi(call);
        assertThat(fetches()).isEqualTo(1);
        calls.clock.forward(Duration.ofMinutes(2));
        calls.openApi(call);
        assertThat(fetches()).isEqualTo(2);
    }

    private long fetches() {
        return server.asked.stream()
                .filter(asked -> asked.target().equals("/swagger.json"))
                .count();
    }

    @Test
    void aDocumentOfWhichOneMustShowWhoOneIsIsNotShownToAnother() {
        server.on("/v2/pet/1", Reply.json("{}"));
        String swagger = SWAGGER.replace("HOST", "127.0.0.1:" + server.port());
        server.on(
                "/private",
                asked -> "Bearer t".equals(asked.header("authorization")) ? Reply.json(swagger) : Reply.of(403, "no"));
        String call = "{'document': {'endpoint': {'uri': '%s', 'authentication': {'bearer': {'token': '%s'}}}},"
                + " 'operationId': 'getPetById', 'parameters': {'petId': 1}}";
        calls.openApi(call.formatted(server.url("/private"), "t"));
        assertThat(server.last().header("authorization")).isNull();
        assertThat(calls.openApiFailure(call.formatted(server.url("/private"), "other"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aDocumentAboveTheLimitIsRefused() {
        server.on("/huge", Reply.of(200, "x".repeat(ApiDocuments.DOCUMENT_BYTES_MAX + 1)));
        assertThat(calls.openApiFailure(call("/huge", "x", "")).detail()).contains("8 MiB");
        assertThat(calls.openApiFailure(call("/none", "x", "")).status()).isEqualTo(404);
    }

    @Test
    void aFileIsReadBelowTheDirectoryOnly() throws Exception {
        Path resources = Files.createDirectory(directory.resolve("resources"));
        String swagger = SWAGGER.replace("HOST", "127.0.0.1:" + server.port()).replace("\"https\", ", "");
        Files.writeString(resources.resolve("a.json"), swagger);
        Files.writeString(directory.resolve("secret.json"), swagger);
        Files.createSymbolicLink(resources.resolve("link.json"), directory.resolve("secret.json"));
        var local = new Calls(List.of(), Optional.of(resources));
        server.on("/v2/pet/1", Reply.json("7"));
        String more = ", 'parameters': {'petId': 1}";
        for (String file : List.of("file:a.json", "file:" + resources.resolve("a.json"), "file://a.json")) {
            assertThat(local.openApi(call(file, "getPetById", more)).asInt())
                    .as(file)
                    .isEqualTo(7);
        }
        for (String file :
                List.of("file:../secret.json", "file:link.json", "file:" + directory.resolve("secret.json"))) {
            assertThat(local.openApiFailure(call(file, "getPetById", more)).status())
                    .as(file)
                    .isEqualTo(403);
        }
        assertThat(local.openApiFailure(call("file:none.json", "x", "")).code()).isEqualTo("SL4018");
        assertThat(calls.openApiFailure(call("file:a.json", "x", "")).detail())
                .contains("sluice.resources.directory is not set");
    }
}
