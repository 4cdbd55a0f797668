package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.RealRedis;
import dev.sluice.queue.Task;
import dev.sluice.store.AttemptTokens.Attempt;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionCallsTest {
    private static final String KEY = "open \"sesame\"";

    private final RealStore store = new RealStore();
    private final Scripted function = new Scripted();
    private final Http http = new Http(RealRedis.VERTX);
    private final FunctionCalls calls =
            new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, Clock.fixed(T0, ZoneOffset.UTC));
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    @BeforeEach
    void know() {
        System.setProperty("sluice.secrets.key", KEY);
    }

    @AfterEach
    void close() {
        System.clearProperty("sluice.secrets.key");
        function.close();
        http.close();
    }

    private String mark() {
        return store.secrets().find("key").orElseThrow().textValue();
    }

    private static Task task(String input, Duration limit) {
        return new Task("r-1", "/do/0/x", 2, "f", input, T0, "the-key", limit, false);
    }

    private Optional<Event> call(String input, Duration limit, Duration timeout) {
        return calls.call(
                new FunctionTarget("f", function.url(), WindowBounds.fixed(1), timeout), task(input, limit), T0, end);
    }

    private Event call(String input) {
        return call(input, Duration.ZERO, Duration.ofSeconds(20)).orElseThrow();
    }

    private static Problem problem(Event event) {
        return ((Event.StepFailed) event).problem();
    }

    private void echo(int status) {
        function.script = (received, response) -> response.setStatusCode(status).end(received.body());
    }

    @Test
    void theFunctionGetsTheSecretInPlaceOfItsMark() {
        call("{\"auth\":\"Bearer " + mark() + "\"}");
        assertThat(json(function.received.getFirst().body())).isEqualTo(json("{auth: 'Bearer open \"sesame\"'}"));
    }

    @Test
    void aSecretThatTheFunctionAnswersStaysOutOfTheOutput() {
        echo(200);
        var done = (Event.StepSucceeded) call("{\"auth\":\"Bearer " + mark() + "\",\"n\":1}");
        assertThat(done.output().tree()).isEqualTo(json("{auth: 'Bearer ***', n: 1}"));
    }

    @Test
    void aSecretStaysOutOfTheProblemEvenWhereItsDetailIsCut() {
        echo(500);
        String filler = "x".repeat(1_975);
        String detail = problem(call("{\"a\":\"" + filler + mark() + "\"}")).detail();
        assertThat(detail).contains("x***").doesNotContain("open").doesNotContain("sesame");
    }

    @Test
    void aSecretStaysOutOfAProblemThatTheFunctionNamesItself() {
        function.script = (received, response) -> response.putHeader("ce-type", "dev.sluice.step.failed.v1")
                .end("{\"title\":\"no\",\"detail\":\"refused: " + KEY.replace("\"", "\\\"") + "\"}");
        assertThat(problem(call("[\"" + mark() + "\"]")).detail()).isEqualTo("refused: ***");
    }

    @Test
    void aMarkThatSomebodyMadeUpIsSentAsItIs() {
        String forged = "{{secret:key:" + "0".repeat(32) + "}}";
        call("[\"" + forged + "\"]");
        assertThat(function.received.getFirst().body()).contains(forged);
    }

    @ParameterizedTest
    @CsvSource({"0, 60, 60", "5, 60, 5", "90, 60, 60"})
    void theDeadlineIsTheAttemptsOwnLimitWithinTheFunctions(int limit, int timeout, int seconds) {
        call("{}", Duration.ofSeconds(limit), Duration.ofSeconds(timeout));
        assertThat(function.headers("ce-sluicedeadline"))
                .containsExactly(T0.plusSeconds(seconds).toString());
    }

    @Test
    void anAttemptIsGivenUpAtItsOwnLimit() {
        function.script = (received, response) -> {};
        Problem problem = problem(
                call("{}", Duration.ofMillis(200), Duration.ofMinutes(1)).orElseThrow());
        assertThat(problem.code()).isEqualTo("SL4011");
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void theTokenThatTheFunctionGetsNamesTheAttempt() {
        call("{}");
        assertThat(function.headers("ce-idempotencykey")).containsExactly("the-key");
        assertThat(store.tokens().read(function.headers("ce-sluicetoken").getFirst()))
                .contains(new Attempt("r-1", "/do/0/x", 2));
    }

    @Test
    void anAttemptThatIsEndedHasNoResult() throws Exception {
        function.script = (received, response) -> {};
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var result = threads.submit(() -> call("{}", Duration.ZERO, Duration.ofMinutes(1)));
            await().until(() -> function.received.size() == 1);
            end.complete(null);
            assertThat(result.get()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"http, 660", "openapi, 660", "f, 600"})
    void aCallOfAnApiEndsByItsOwnTimeoutBeforeTheDispatchers(String name, int seconds) {
        var settings = new DispatcherTest.Settings(
                function.url(),
                "http://x/{function}",
                Optional.empty(),
                "1.1",
                new DispatcherTest.Bounds(1, 1, 1),
                java.util.Map.of(),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                1);
        assertThat(FunctionTarget.of(name, settings).timeout()).isEqualTo(Duration.ofSeconds(seconds));
    }
}
