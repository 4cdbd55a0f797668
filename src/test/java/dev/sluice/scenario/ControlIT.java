package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person or a program asks of runs, over HTTP. */
class ControlIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String JSON = "application/json";
    private static final String ONE = "{ one: { with: { type: %s } } }";

    @TempDir
    static Path directory;

    private static StepServer functions;
    private static Sluice server;

    @BeforeAll
    static void start() throws IOException {
        functions = new StepServer();
        server = Sluice.start(directory, functions.options().toArray(String[]::new));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        functions.close();
    }

    private static void deploy(String name, String rest) {
        Answer answer = server.post(
                "/v1/workflows",
                "application/yaml",
                "document:\n  dsl: '1.0.1'\n  namespace: control\n  name: " + name + "\n  version: '1.0.0'\n" + rest);
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    }

    private static String begin(String workflow, String input) {
        Answer answer = server.post("/v1/workflows/" + workflow + "/runs", JSON, input);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.body().path("id").asText();
    }

    private static JsonNode awaitStatus(String id, String status) {
        return await(status + ": " + id)
                .atMost(PATIENCE)
                .until(
                        () -> server.run(id).body(),
                        run -> run.path("status").asText().equals(status));
    }

    private static Answer command(String id, String action, String body) {
        return server.post("/v1/runs/" + id + "/" + action, JSON, body);
    }

    private static void accepted(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    }

    private static JsonNode succeeded(String id) {
        JsonNode run = server.awaitEnd(id, PATIENCE);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        return run;
    }

    private static String listening(String name, String type) {
        deploy(name, "do: [ { hear: { listen: { to: " + ONE.formatted(type) + " } } } ]\n");
        return begin(name, "{}");
    }

    @Test
    void cancellingARunEndsTheCallOfItsFunction() throws InterruptedException {
        deploy("held", "do: [ { x: { call: holds } } ]\n");
        String id = begin("held", "{}");
        JsonNode step = await().atMost(PATIENCE)
                .until(
                        () -> server.run(id).body().at("/steps/0"),
                        s -> s.path("status").asText().equals("running"));
        assertThat(step.at("/waitingFor/kind").asText()).isEqualTo("function");
        assertThat(step.at("/waitingFor/function").asText()).isEqualTo("holds");
        accepted(command(id, "cancel", "{\"reason\": \"too dear\"}"));
        JsonNode run = server.awaitEnd(id, PATIENCE);
        assertThat(run.path("status").asText()).isEqualTo("cancelled");
        assertThat(run.path("reason").asText()).isEqualTo("too dear");
        assertThat(functions.abandoned.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        Answer again = command(id, "cancel", "{}");
        assertProblem(again, 409, "SL2019");
        assertThat(again.body().path("detail").asText()).contains("it was cancelled at", "/fork");
        assertProblem(command("default.local.0-" + "0".repeat(26), "cancel", ""), 404, "SL2002");
    }

    @Test
    void aPausedRunHoldsWhatComesUntilItIsResumed() {
        String id = listening("paused", "paused.go");
        awaitStatus(id, "waiting");
        assertProblem(command(id, "resume", ""), 409, "SL2019");
        accepted(command(id, "pause", ""));
        awaitStatus(id, "paused");
        accepted(server.post("/v1/runs/" + id + "/signals", JSON, "{\"type\": \"paused.go\", \"data\": 7}"));
        assertThat(server.run(id).body().path("status").asText()).isEqualTo("paused");
        accepted(command(id, "resume", ""));
        assertThat(succeeded(id).at("/output/0").asInt()).isEqualTo(7);
    }

    @Test
    void aFailedRunIsRetriedFromWhereItFailed() {
        deploy(
                "mended",
                "do: [ { a: { call: echo, with: { v: 1 } } }, { b: { call: fails, with: { v: '${ .v }' } } } ]\n");
        String id = begin("mended", "{}");
        JsonNode failed = server.awaitEnd(id, PATIENCE);
        assertThat(failed.path("status").asText()).isEqualTo("failed");
        assertThat(failed.at("/steps/1/status").asText()).isEqualTo("failed");
        functions.repair();
        Answer first = server.post("/v1/runs/" + id + "/retry", "", "", "Idempotency-Key", "once");
        accepted(first);
        assertThat(succeeded(id).path("output")).isEqualTo(tree("{\"v\": 1}"));
        accepted(server.post("/v1/runs/" + id + "/retry", "", "", "Idempotency-Key", "once"));
        assertProblem(command(id, "retry", ""), 409, "SL2019");
        assertThat(server.run(id).body().at("/steps/0/attempts")).hasSize(1);
    }

    @Test
    void aRunIsTakenBackAndForkedFromAnyOfItsSteps() {
        deploy("steps", """
                do:
                  - a: { set: { v: '${ .v + 1 }' } }
                  - b: { call: echo, with: { v: '${ .v * 10 }' } }
                """);
        String id = begin("steps", "{\"v\": 1}");
        assertThat(succeeded(id).at("/output/v").asInt()).isEqualTo(20);
        Answer forked = command(id, "fork", "{\"step\": \"/do/1/b\", \"input\": {\"v\": 5}}");
        assertThat(forked.status()).as(forked.text()).isEqualTo(201);
        String fork = forked.body().path("id").asText();
        assertThat(forked.headers().get("location").getFirst()).endsWith("/v1/runs/" + fork);
        JsonNode run = succeeded(fork);
        assertThat(run.at("/output/v").asInt()).isEqualTo(50);
        assertThat(run.path("forkedFrom").asText()).isEqualTo(id);
        assertThat(server.get("/v1/runs?origin=" + id).body().at("/runs/0/id").asText())
                .isEqualTo(fork);
        String anew =
                command(id, "fork", "{\"input\": {\"v\": 2}}").body().path("id").asText();
        assertThat(succeeded(anew).at("/output/v").asInt()).isEqualTo(30);
        accepted(command(id, "reset", "{\"step\": \"/do/1/b\", \"input\": {\"v\": 7}}"));
        JsonNode reset = await().atMost(PATIENCE)
                .until(() -> server.run(id).body(), r -> r.at("/output/v").asInt() == 70);
        assertThat(reset.path("resets").asInt()).isEqualTo(1);
        assertThat(reset.path("steps").findValuesAsText("step")).contains("/do/1/b", "/do/1/b#!1");
        assertProblem(command(id, "reset", "{\"step\": \"/do/9/z\"}"), 422, "SL2020");
        assertProblem(command(id, "reset", "{}"), 400, "SL2014");
        String again = command(fork, "fork", "{\"step\": \"/do/0/a\"}")
                .body()
                .path("id")
                .asText();
        assertThat(succeeded(again).at("/output/v").asInt()).isEqualTo(20);
    }

    @Test
    void aSignalThatCameBeforeItsStepListensIsKeptAndTakenOnce() {
        deploy("early", """
                do:
                  - first: { listen: { to: { one: { with: { type: early.go } } } } }
                  - then: { listen: { to: { one: { with: { type: early.data } } } } }
                """);
        String id = begin("early", "{}");
        awaitStatus(id, "waiting");
        String event = "{\"type\": \"early.data\", \"data\": {\"n\": 3}}";
        String address = "/v1/runs/" + id + "/signals";
        accepted(server.post(address, JSON, event, "Idempotency-Key", "a"));
        accepted(server.post(address, JSON, event, "Idempotency-Key", "a"));
        accepted(server.post(
                address,
                "application/cloudevents+json",
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/t\", \"type\": \"early.go\"}"));
        assertThat(succeeded(id).at("/output/0/n").asInt()).isEqualTo(3);
        assertProblem(server.post(address, JSON, event), 409, "SL2019");
        assertProblem(server.post(address, JSON, "{}"), 400, "SL2007");
    }

    @Test
    void theLinkOfAnApprovalIsGoodForOneAnswer() {
        deploy("approval", """
                do:
                  - ask:
                      metadata: { approval: { title: '${ "Pay \\(.sum)?" }', sum: '${ .sum }' } }
                      listen: { to: { one: { with: { type: pay.answered } } } }
                """);
        String id = begin("approval", "{\"sum\": 9}");
        JsonNode question = await().atMost(PATIENCE).until(() -> open(id), q -> !q.isMissingNode());
        assertThat(question.at("/request/title").asText()).isEqualTo("Pay 9?");
        assertThat(server.run(id).body().at("/steps/0/waitingFor/kind").asText())
                .isEqualTo("person");
        String link = URI.create(question.path("link").asText()).getPath();
        assertThat(server.get(link).body().path("status").asText()).isEqualTo("open");
        Answer page = server.get(link, "Accept", "text/html,*/*;q=0.8");
        assertThat(page.text()).contains("<h1>Pay 9?</h1>", "value=\"true\"").doesNotContain("<script");
        assertThat(page.headers().get("content-security-policy").getFirst()).contains("default-src 'self'");
        assertProblem(server.post(link, JSON, "{\"by\": \"Ada\"}"), 400, "SL2014");
        assertProblem(server.post(link + "0", JSON, "{\"approved\": true}"), 404, "SL2022");
        Answer first =
                server.post(link, "application/x-www-form-urlencoded", "approved=true&by=Ada+L%C3%B6we&comment=fine");
        assertThat(first.status()).as(first.text()).isEqualTo(303);
        JsonNode output = succeeded(id).at("/output/0");
        assertThat(output).isEqualTo(tree("{\"approved\": true, \"by\": \"Ada Löwe\", \"comment\": \"fine\"}"));
        Answer second = server.post(link, JSON, "{\"approved\": false}");
        assertProblem(second, 409, "SL2023");
        assertThat(second.body().path("detail").asText()).contains("by Ada Löwe at 2");
        assertThat(server.get(link).body().path("status").asText()).isEqualTo("answered");
        assertThat(open(id).isMissingNode()).isTrue();
    }

    private static JsonNode open(String run) {
        for (JsonNode q : server.get("/v1/approvals").body().path("approvals")) {
            if (q.path("run").asText().equals(run)) return q;
        }
        return tree("{}").path("none");
    }

    @Test
    void anAnswerAfterTheDeadlineIsTooLate() {
        deploy("hurried", """
                do:
                  - ask:
                      timeout: { after: PT1S }
                      metadata: { approval: hurry }
                      listen: { to: { one: { with: { type: hurried.answered } } } }
                """);
        String id = begin("hurried", "{}");
        JsonNode question = await().pollInterval(Duration.ofMillis(20))
                .atMost(PATIENCE)
                .until(() -> open(id), q -> !q.isMissingNode());
        assertThat(server.awaitEnd(id, PATIENCE).path("status").asText()).isEqualTo("failed");
        String link = URI.create(question.path("link").asText()).getPath();
        assertProblem(server.post(link, JSON, "{\"approved\": true}"), 410, "SL2024");
        assertThat(server.get(link).body().path("status").asText()).isEqualTo("late");
    }

    @Test
    void oneRequestSteersFiftyRuns() {
        deploy("many", """
                do: [ { hear: { listen: { to: { one: { with: { type: many.go } } } } } } ]
                """);
        var ids = new ArrayList<String>();
        for (int i = 0; i < 50; i++) ids.add(begin("many", "{}"));
        ids.forEach(id -> awaitStatus(id, "waiting"));
        List<JsonNode> lines =
                bulk("{\"action\": \"cancel\", \"filter\": {\"workflow\": \"many\", \"status\": [\"waiting\"]}}");
        assertThat(lines).extracting(line -> line.path("id").asText()).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(lines).allMatch(line -> line.path("outcome").asText().equals("accepted"));
        ids.forEach(id -> awaitStatus(id, "cancelled"));
        String gone = "default.local.0-" + "0".repeat(26);
        lines = bulk("{\"action\": \"pause\", \"ids\": [\"" + ids.getFirst() + "\", \"" + gone + "\"]}");
        assertThat(lines).extracting(line -> line.path("outcome").asText()).containsExactly("refused", "unknown");
        assertThat(lines.getFirst().at("/problem/code").asText()).isEqualTo("SL2019");
        assertProblem(server.post("/v1/runs/bulk", JSON, "{\"action\": \"kill\", \"filter\": {}}"), 400, "SL2014");
    }

    private static List<JsonNode> bulk(String body) {
        Answer answer = server.post("/v1/runs/bulk", JSON, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text().lines().map(ControlIT::tree).toList();
    }

    @Test
    void anEventReachesTheRunsThatWaitForItsValue() {
        deploy("orders", """
                do:
                  - hear:
                      listen:
                        to:
                          one:
                            with: { type: order.paid }
                            correlate: { order: { from: '${ .data.order }', expect: '${ .order }' } }
                """);
        String one = begin("orders", "{\"order\": 1}");
        String other = begin("orders", "{\"order\": 2}");
        String alsoOne = begin("orders", "{\"order\": 1}");
        List.of(one, other, alsoOne).forEach(id -> awaitStatus(id, "waiting"));
        Answer taken = server.post(
                "/v1/events",
                JSON,
                "{\"order\": 1}",
                "ce-specversion",
                "1.0",
                "ce-id",
                "1",
                "ce-source",
                "/t",
                "ce-type",
                "order.paid");
        assertThat(taken.status()).as(taken.text()).isEqualTo(202);
        assertThat(taken.body().path("listeners").asBoolean()).isTrue();
        assertThat(succeeded(one).at("/output/0/order").asInt()).isEqualTo(1);
        assertThat(succeeded(alsoOne).at("/output/0/order").asInt()).isEqualTo(1);
        assertThat(server.run(other).body().path("status").asText()).isEqualTo("waiting");
        assertThat(server.run(other).body().at("/steps/0/waitingFor/types/0").asText())
                .isEqualTo("order.paid");
        Answer batch = server.post("/v1/events", "application/cloudevents-batch+json", """
                [{"specversion":"1.0","id":"2","source":"/t","type":"order.paid","data":{"order":2}},
                 {"specversion":"1.0","id":"3","source":"/t","type":"nobody.cares"}]
                """);
        assertThat(batch.status()).as(batch.text()).isEqualTo(202);
        assertThat(batch.body().at("/refused/0/problem/code").asText()).isEqualTo("SL2008");
        succeeded(other);
    }

    @Test
    void aLongRunIsShownByItsLastVisits() {
        deploy("loop", """
                do:
                  - each:
                      for: { each: n, in: '${ [range(700)] }' }
                      do: [ { x: { set: { v: '${ $n }' } } } ]
                """);
        JsonNode run = succeeded(begin("loop", "{}"));
        assertThat(run.path("steps")).hasSize(500);
        assertThat(run.path("stepsLeftOut").asInt()).isEqualTo(201);
        assertThat(run.at("/steps/499/step").asText()).isEqualTo("/do/0/each/do/0/x#699");
        String history = "/v1/runs/" + run.path("id").asText() + "/history";
        JsonNode page = server.get(history + "?from=1&limit=2").body();
        assertThat(page.path("entries").findValuesAsText("kind")).containsExactly("STEP_ENTERED", "STEP_SUCCEEDED");
        assertThat(page.path("next").asInt()).isEqualTo(3);
        assertThat(page.path("total").asInt()).isGreaterThan(700);
    }

    @Test
    void runsAreFoundByTheirAttributes() {
        deploy("tagged", "  metadata: { searchAttributes: { customer: '${ .customer }' } }\n" + """
                do: [ { x: { metadata: { searchAttributes: { customer: '${ .now }' } }, set: { now: b } } } ]
                """);
        String stays = begin("tagged", "{\"customer\": \"b\"}");
        String changes = begin("tagged", "{\"customer\": \"a\"}");
        succeeded(stays);
        succeeded(changes);
        String list = "/v1/runs?workflow=control.tagged&namespace=control&attribute=customer:";
        assertThat(server.get(list + "a").body().path("runs")).isEmpty();
        JsonNode found = server.get(list + "b").body().path("runs");
        assertThat(found.findValuesAsText("id")).containsExactly(changes, stays);
        assertThat(found.at("/0/attributes/customer").asText()).isEqualTo("b");
        assertProblem(server.get("/v1/runs?attribute=customer"), 400, "SL2014");
    }

    private static JsonNode tree(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }
}
