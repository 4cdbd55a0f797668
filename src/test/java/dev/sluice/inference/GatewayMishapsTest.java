package dev.sluice.inference;

import static dev.sluice.inference.GatewayRig.account;
import static dev.sluice.inference.GatewayRig.bounded;
import static dev.sluice.inference.GatewayRig.call;
import static dev.sluice.inference.GatewayRig.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Account.Scope;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What went wrong once with calls of models. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
@Timeout(60)
class GatewayMishapsTest {
    @Inject
    Vertx vertx;

    private GatewayRig rig;

    @BeforeEach
    void start() {
        rig = new GatewayRig(vertx);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static Problem problem(Gateway gateway, ModelCall call) {
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> gateway.complete(call, null));
        assertThat(failed).isNotNull();
        return failed.problem();
    }

    private static ModelCall asking(Map<String, Object> parameters) {
        ModelCall plain = call("x", account(1));
        ObjectNode request = plain.request().deepCopy();
        request.remove("max_completion_tokens");
        parameters.forEach(request::putPOJO);
        var read = (ObjectNode) Texts.json(request.toString());
        Account account = plain.account();
        return new ModelCall(Operation.CHAT, "", read, account, account.keyOf("", read), "asked", true, "");
    }

    @Test
    void oneRequestForEndlessTokensEndedTheBooksOfTheDay() {
        rig.a.silent = true;
        Gateway gateway = rig.gateway("routes.smart.endpoints", "a", "endpoints.a.timeout", "200ms");
        catchThrowableOfType(
                ProblemException.class,
                () -> gateway.complete(asking(Map.of("max_completion_tokens", Long.MAX_VALUE)), null));
        Gateway other = rig.gateway("routes.smart.endpoints", "b");
        assertThat(text(other.complete(call("y"), null))).isEqualTo("from b");
        var today = new Ledger(rig.redis.link).of(java.time.LocalDate.now(java.time.ZoneOffset.UTC));
        assertThat(today.rows()).anySatisfy(row -> assertThat(row.micros()).isEqualTo(3_000));
    }

    @Test
    void anAnswerWithoutEndForLlamaCppWasReservedAsNoAnswer() {
        Gateway gateway = rig.gateway();
        assertThat(problem(gateway, asking(Map.of("max_tokens", -1))).status()).isEqualTo(400);
        assertThat(rig.a.requests).isEmpty();
    }

    @Test
    void aProcessWithoutRedisAskedItsEmptyJournalForEver() throws Exception {
        var properties = new java.util.HashMap<String, String>();
        properties.put("model", "a");
        properties.put("endpoints.a.url", rig.a.url());
        properties.put("endpoints.a.model", "m");
        properties.put("endpoints.a.input-price", "1");
        properties.put("endpoints.a.output-price", "1");
        Gateway gateway = GatewayMaker.make(
                Settings.of(properties),
                new GatewayMaker.Surroundings(
                        java.util.Optional.empty(),
                        java.util.Optional.empty(),
                        rig.registry,
                        vertx,
                        ModelSpans.OFF,
                        () -> java.net.URI.create("http://127.0.0.1:1"),
                        java.time.Clock.systemUTC(),
                        new java.util.Random(1)));
        var answer = new CompletableFuture<Completion>();
        Thread thread = Thread.ofPlatform()
                .daemon()
                .start(() -> answer.complete(gateway.complete(call("x", account(1)), null)));
        assertThat(text(answer.get(5, TimeUnit.SECONDS))).isEqualTo("from a");
    }

    @Test
    void aRunThatIsNoneWasLookedForInTheJournalForEver() throws Exception {
        Gateway gateway = rig.gateway();
        var nobody = new Account("acme", "default.invoices", "no-run", "/do/0/read", 1, "", Map.of(), "");
        var answer = new CompletableFuture<Completion>();
        Thread.ofPlatform().daemon().start(() -> answer.complete(gateway.complete(call("x", nobody), null)));
        assertThat(text(answer.get(5, TimeUnit.SECONDS))).isEqualTo("from a");
    }

    @Test
    void anAnswerThatCouldNotBeUsedCameAgainFromTheCache() {
        Gateway gateway = rig.gateway("routes.smart.cache", "PT1H");
        ModelCall call = call("x", account(1));
        gateway.complete(call, null);
        gateway.forget(call.account(), List.of(call.key()));
        assertThat(gateway.complete(call, null).source()).isEqualTo(Completion.Source.BOUGHT);
    }

    @Test
    void aDearEndpointMadeFinalWhatACheapOneWouldTakeInAMoment() throws Exception {
        rig.a.silent = true;
        rig.b.silent = true;
        Gateway gateway = rig.gateway(
                "routes.smart.endpoints", "a,b", "endpoints.b.output-price", "1000", "endpoints.a.timeout", "10s");
        // Room for one call of a; one of b is more than the whole budget.
        Account account = bounded(Scope.RUN, 2_000);
        Thread first = Thread.ofVirtual()
                .start(() ->
                        catchThrowableOfType(ProblemException.class, () -> gateway.complete(call("1", account), null)));
        rig.a.awaitRequests(1);
        Problem problem = problem(gateway, call("2", account));
        assertThat(problem.code()).isEqualTo("SL5007");
        assertThat(problem.retryable()).isTrue();
        first.interrupt();
    }

    @Test
    void aStepWaitedForTheEndpointThatAskedForTheLongestTime() {
        rig.a.status = 429;
        rig.a.headers = Map.of("Retry-After", "20");
        rig.b.status = 429;
        rig.b.headers = Map.of("Retry-After", "3600");
        Gateway gateway = rig.gateway("routes.smart.endpoints", "a,b");
        assertThat(problem(gateway, call("x")).retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aCallThatWasGivenUpFailedInRedisInstead() throws Exception {
        rig.a.silent = true;
        Gateway gateway = rig.gateway("endpoints.a.requests-per-minute", "100");
        var failed = new CompletableFuture<ProblemException>();
        Thread thread = Thread.ofVirtual()
                .start(() -> failed.complete(catchThrowableOfType(
                        ProblemException.class, () -> gateway.complete(call("1", account(1)), null))));
        rig.a.awaitRequests(1);
        thread.interrupt();
        assertThat(failed.get(5, TimeUnit.SECONDS).problem().detail()).contains("nobody waits for the answer");
    }

    @Test
    void aPaidAnswerWasThrownAwayBecauseItsRateCouldNotBeWrittenDown() throws Exception {
        rig.a.slow = true;
        Gateway gateway = rig.gateway(
                "routes.smart.endpoints",
                "a",
                "endpoints.a.requests-per-minute",
                "100",
                "endpoints.a.concurrency",
                "1",
                "patience",
                "100ms");
        var answer = new CompletableFuture<Completion>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(gateway.complete(call("1"), null));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        rig.a.awaitRequests(1);
        String used = rig.redis.keys("*rate:*used*").getFirst();
        rig.redis.send(Command.SET, used, "broken");
        rig.a.hurry();
        assertThat(text(answer.get(5, TimeUnit.SECONDS))).isEqualTo("from a");
    }

    @Test
    void aBoundBesideOneThatIsNullWasReservedAndAnotherOneSent() {
        Map<String, Object> both = new java.util.HashMap<>();
        both.put("max_completion_tokens", null);
        both.put("max_tokens", 7);
        rig.gateway().complete(asking(both), null);
        assertThat(rig.a.requests.getFirst().path("max_completion_tokens").asInt())
                .isEqualTo(7);
    }

    @Test
    void anAnswerThatSaysNoUsageWasPaidForItsTextAlone() {
        String arguments = "x".repeat(4_000);
        rig.a.body = Texts.json(
                        "{'choices': [{'finish_reason': 'tool_calls', 'message': {'content': null, 'tool_calls':"
                                + " [{'id': '1', 'type': 'function', 'function': {'name': 'f', 'arguments': '"
                                + arguments
                                + "'}}]}}, {'index': 1, 'finish_reason': 'stop', 'message': {'content': '" + arguments
                                + "'}}]}")
                .toString();
        Completion completion = rig.gateway().complete(call("x", account(1)), null);
        assertThat(completion.usage().outputTokens()).isGreaterThanOrEqualTo(2_000);
    }

    @Test
    void anInterruptedThreadLeftOthersWithoutAnAnswerOfRedis() {
        Thread.currentThread().interrupt();
        try {
            assertThat(rig.redis.send(Command.SET, "k", "v").toString()).isEqualTo("OK");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void anAnswerThatWasNoJsonWasTakenForFree() {
        rig.a.body = "{\"choices\": [";
        rig.gateway().complete(call("x", account(1)), null);
        assertThat(rig.lines().getFirst().uncertainMicros()).isPositive();
    }
}
