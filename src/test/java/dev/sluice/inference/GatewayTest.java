package dev.sluice.inference;

import static dev.sluice.inference.GatewayRig.call;
import static dev.sluice.inference.GatewayRig.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which endpoint is asked, and when another one is. Quarkus runs because it generates the client. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
class GatewayTest {
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

    private Problem problem(Gateway gateway, String text) {
        ProblemException failed =
                catchThrowableOfType(ProblemException.class, () -> gateway.complete(call(text), null));
        assertThat(failed).isNotNull();
        return failed.problem();
    }

    @Test
    void theFirstEndpointOfARouteIsAsked() {
        Completion completion = rig.gateway().complete(call("x"), null);
        assertThat(text(completion)).isEqualTo("from a");
        assertThat(completion.usage().costMicros()).isEqualTo(3_000);
        assertThat(rig.b.requests).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"429", "500", "503", "401", "408"})
    void theNextEndpointIsAskedWhenTheFirstFails(int status) {
        rig.a.status = status;
        assertThat(text(rig.gateway().complete(call("x"), null))).isEqualTo("from b");
        assertThat(rig.a.requests).hasSize(1);
    }

    @Test
    void theNextEndpointIsAskedWhenTheFirstIsNotThere() {
        rig.a.close();
        assertThat(text(rig.gateway().complete(call("x"), null))).isEqualTo("from b");
    }

    @Test
    void theNextEndpointIsAskedWhenTheFirstDoesNotAnswerInTime() {
        rig.a.silent = true;
        assertThat(text(rig.gateway("endpoints.a.timeout", "200ms").complete(call("x"), null)))
                .isEqualTo("from b");
    }

    @Test
    void aRequestThatIsWrongIsWrongEverywhere() {
        rig.a.status = 400;
        rig.a.body = "{\"error\": {\"message\": \"messages.0.role is not valid\"}}";
        assertThat(problem(rig.gateway(), "x").code()).isEqualTo("SL5002");
        assertThat(rig.b.requests).isEmpty();
    }

    @Test
    void aRouteSaysAfterWhichErrorsTheNextEndpointIsAsked() {
        rig.a.status = 500;
        assertThat(problem(rig.gateway("routes.smart.fallback-on", "timeout"), "x")
                        .code())
                .isEqualTo("SL5002");
        assertThat(rig.b.requests).isEmpty();
    }

    @Test
    void aPromptThatTheFirstModelFindsTooLongGoesToTheNext() {
        rig.a.status = 400;
        rig.a.body = "{\"error\": {\"code\": \"context_length_exceeded\", \"message\": \"Too long\"}}";
        assertThat(text(rig.gateway().complete(call("x"), null))).isEqualTo("from b");
    }

    @Test
    void aPromptThatIsKnownToBeTooLongIsNotSent() {
        Gateway gateway = rig.gateway("endpoints.a.context-tokens", "500", "endpoints.b.context-tokens", "500");
        assertThat(text(gateway.complete(call("x".repeat(4_000)), null))).isEqualTo("from c");
        assertThat(rig.a.requests).isEmpty();
        Gateway narrow = rig.gateway(
                "routes.smart.endpoints",
                "a,b",
                "endpoints.a.context-tokens",
                "500",
                "endpoints.b.context-tokens",
                "500");
        assertThat(problem(narrow, "x".repeat(4_000)).code()).isEqualTo("SL5009");
    }

    @Test
    void anAnswerThatAFilterHeldBackIsPaidForAndTheNextEndpointIsAsked() {
        rig.a.body = Texts.json("{'choices': [{'finish_reason': 'content_filter', 'message': {'content': ''}}],"
                        + " 'usage': {'prompt_tokens': 1000, 'completion_tokens': 0}}")
                .toString();
        Completion completion = rig.gateway().complete(call("x"), null);
        assertThat(text(completion)).isEqualTo("from b");
        assertThat(completion.usage().costMicros()).isEqualTo(1_000 + 3_000);
    }

    @Test
    void endpointsOfOneQuotaAreLeftAloneTogether() {
        rig.a.status = 429;
        rig.a.headers = Map.of("Retry-After", "60");
        Gateway gateway = rig.gateway("endpoints.a.quota", "shared", "endpoints.b.quota", "shared");
        assertThat(text(gateway.complete(call("x"), null))).isEqualTo("from c");
        assertThat(text(gateway.complete(call("y"), null))).isEqualTo("from c");
        assertThat(rig.a.requests).hasSize(1);
        assertThat(rig.b.requests).isEmpty();
    }

    @Test
    void anEndpointThatSaysThatItsQuotaIsUsedUpIsNotAskedAgainBeforeItsTime() {
        rig.a.headers = Map.of("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "60s");
        Gateway gateway = rig.gateway();
        assertThat(text(gateway.complete(call("x"), null))).isEqualTo("from a");
        assertThat(text(gateway.complete(call("y"), null))).isEqualTo("from b");
    }

    @Test
    void whenAllAreToBeLeftAloneTheStepWaitsUntilTheFirstOfThemMayBeAsked() {
        for (StubEndpoint stub : new StubEndpoint[] {rig.a, rig.b, rig.c}) stub.status = 429;
        rig.a.headers = Map.of("Retry-After", "300");
        rig.b.headers = Map.of("Retry-After", "40");
        rig.c.headers = Map.of("Retry-After", "500");
        Gateway gateway = rig.gateway();
        problem(gateway, "x");
        Problem problem = problem(gateway, "y");
        assertThat(problem.code()).isEqualTo("SL5004");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.retryAfter()).isBetween(Duration.ofSeconds(35), Duration.ofSeconds(40));
        assertThat(rig.a.requests).hasSize(1);
    }

    @Test
    void aDedicatedEndpointThatIsFullOverflowsToTheNext() {
        Gateway gateway = rig.gateway(
                "endpoints.a.kind",
                "dedicated",
                "endpoints.a.hour-price",
                "2.00",
                "endpoints.a.requests-per-minute",
                "2");
        assertThat(text(gateway.complete(call("1"), null))).isEqualTo("from a");
        assertThat(text(gateway.complete(call("2"), null))).isEqualTo("from a");
        assertThat(text(gateway.complete(call("3"), null))).isEqualTo("from b");
    }

    @Test
    void aRateHoldsForAllProcesses() {
        String[] settings = {"endpoints.a.requests-per-minute", "1"};
        assertThat(text(rig.gateway(settings).complete(call("1"), null))).isEqualTo("from a");
        assertThat(text(rig.gateway(settings).complete(call("2"), null))).isEqualTo("from b");
    }

    @Test
    void aRateOfTokensCountsWhatWasUsedAndNotWhatWasFeared() {
        // Each uses 1,200 of them and is thought to need some 100.
        Gateway gateway = rig.gateway("endpoints.a.tokens-per-minute", "2500");
        assertThat(text(gateway.complete(call("1"), null))).isEqualTo("from a");
        assertThat(text(gateway.complete(call("2"), null))).isEqualTo("from a");
        assertThat(text(gateway.complete(call("3"), null))).isEqualTo("from b");
    }

    @Test
    void anEndpointWithoutAPlaceIsPassedOver() throws Exception {
        rig.a.silent = true;
        Gateway gateway = rig.gateway("endpoints.a.concurrency", "1", "endpoints.a.timeout", "5s");
        var first = new CompletableFuture<Completion>();
        Thread thread = Thread.ofVirtual().start(() -> first.complete(gateway.complete(call("1"), null)));
        rig.a.awaitRequests(1);
        assertThat(text(gateway.complete(call("2"), null))).isEqualTo("from b");
        assertThat(rig.a.requests).hasSize(1);
        thread.interrupt();
    }

    @Test
    void aCallThatFindsNoPlaceIsToComeAgain() {
        rig.a.silent = true;
        Gateway gateway =
                rig.gateway("routes.smart.endpoints", "a", "endpoints.a.concurrency", "1", "patience", "200ms");
        Thread thread = Thread.ofVirtual()
                .start(() -> catchThrowableOfType(ProblemException.class, () -> gateway.complete(call("1"), null)));
        rig.a.awaitRequests(1);
        Problem problem = problem(gateway, "2");
        assertThat(problem.code()).isEqualTo("SL5004");
        assertThat(problem.retryAfter()).isPositive();
        assertThat(problem.detail()).contains("no place became free", "endpoints.a.concurrency");
        thread.interrupt();
    }

    @Test
    void anEndpointThatFailsAgainAndAgainIsNotAskedForAWhile() {
        rig.a.status = 500;
        Gateway gateway = rig.gateway();
        for (int i = 0; i < 12; i++) gateway.complete(call("" + i), null);
        assertThat(rig.a.requests).hasSizeLessThan(12);
        assertThat(rig.b.requests).hasSize(12);
    }

    @Test
    void anEndpointThatFailsByItsOwnFaultIsAskedOnceMore() {
        rig.a.fail(500);
        assertThat(text(rig.gateway("routes.smart.endpoints", "a").complete(call("x"), null)))
                .isEqualTo("from a");
        assertThat(rig.a.requests).hasSize(2);
    }

    @Test
    void aCallHasNotFailedWhileAnEndpointOfItsRouteHasYetToBeAsked() {
        rig.a.status = 500;
        rig.b.status = 429;
        rig.b.headers = Map.of("Retry-After", "30");
        Gateway gateway = rig.gateway("routes.smart.endpoints", "b,a");
        problem(gateway, "b is known to rest");
        Problem problem = problem(gateway, "x");
        assertThat(problem.code()).isEqualTo("SL5004");
        assertThat(problem.retryAfter()).isBetween(Duration.ofSeconds(25), Duration.ofSeconds(30));
    }

    @Test
    void aSlowEndpointIsOvertakenByASecondOneAndItsConnectionIsClosed() throws Exception {
        Gateway gateway = rig.gateway("routes.smart.hedge", "true", "routes.smart.endpoints", "a,b");
        for (int i = 0; i < 25; i++) gateway.complete(call("warm " + i), null);
        rig.a.silent = true;
        Completion completion = gateway.complete(call("slow", GatewayRig.account(1)), null);
        assertThat(text(completion)).isEqualTo("from b");
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> rig.lines().size() == 2);
        assertThat(rig.lines()).anySatisfy(line -> {
            assertThat(line.endpoint()).isEqualTo("b");
            assertThat(line.hedge()).isTrue();
            assertThat(line.outcome()).isEqualTo("answered");
        });
        assertThat(rig.lines()).anySatisfy(line -> {
            assertThat(line.endpoint()).isEqualTo("a");
            assertThat(line.outcome()).isEqualTo("cancelled");
            assertThat(line.costMicros()).isZero();
            assertThat(line.uncertainMicros())
                    .as("it may be charged all the same")
                    .isPositive();
        });
    }

    @Test
    void aCallThatMustNotBeMadeTwiceIsNotHedged() throws Exception {
        Gateway gateway = rig.gateway("routes.smart.hedge", "true", "endpoints.a.timeout", "1s");
        for (int i = 0; i < 25; i++) gateway.complete(call("warm " + i), null);
        rig.a.slow = true;
        ModelCall call = call("once");
        var once = new ModelCall(
                call.operation(), call.alias(), call.request(), call.account(), call.key(), call.rung(), false, "");
        // Of the first 25, a slow machine may have sent one there as well.
        int before = rig.b.requests.size();
        gateway.complete(once, null);
        assertThat(rig.b.requests).as("only after the first had failed").hasSize(before + 1);
        assertThat(rig.registry
                        .get("sluice.inference.requests")
                        .tag("outcome", "SL5006")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void anInterruptedCallIsGivenUp() throws Exception {
        rig.a.silent = true;
        Gateway gateway = rig.gateway();
        var failed = new CompletableFuture<ProblemException>();
        Thread thread = Thread.ofVirtual()
                .start(() -> failed.complete(
                        catchThrowableOfType(ProblemException.class, () -> gateway.complete(call("1"), null))));
        rig.a.awaitRequests(1);
        thread.interrupt();
        assertThat(failed.get(5, TimeUnit.SECONDS).problem().detail()).contains("nobody waits for the answer");
        assertThat(rig.b.requests).isEmpty();
    }
}
