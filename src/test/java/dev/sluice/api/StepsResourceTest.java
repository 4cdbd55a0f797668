package dev.sluice.api;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Delivery;
import dev.sluice.store.RealStore;
import dev.sluice.store.StepResult;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Usage;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against runs on a real Redis whose step was answered with a deferral. */
class StepsResourceTest {
    private static final String STEP = "/do/0/x";

    private final RealStore store = new RealStore();
    private final Definition definition = store.definitions()
            .deploy(RealStore.document("w", "do: [ { x: { call: f, with: { k: '${ .k }' } } } ]"))
            .definition();
    private final String id = RealStore.runId();
    private final StepsResource resource =
            new StepsResource(store.tokens(), store.lateResults(), Clock.fixed(T0.plusSeconds(9), ZoneOffset.UTC));
    private String token;
    private Instant dueAt;

    private void startAndQueue(String input) {
        store.runs.start(definition, id, json(input), T0);
        store.takeIn(definition);
        token = store.tokens().issue(delivery().task());
    }

    private Delivery delivery() {
        return store.redis.tasks.take(P, "f", "d", 1, T0, task -> "").getFirst();
    }

    private void startAndDefer() {
        startAndQueue("{}");
        take(new Event.StepDeferred(STEP, 1, Duration.ofSeconds(30), Usage.NONE, T0.plusSeconds(1)));
    }

    private void take(Event event) {
        store.runs.post(id, event);
        store.takeIn(definition);
    }

    private Response send(String body, String... headers) {
        return resource.result(token, headers(headers), body.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpHeaders headers(String... pairs) {
        var headers = new TreeMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) headers.put(pairs[i], pairs[i + 1]);
        return CloudEventInTest.headers(headers);
    }

    private Problem refusal(Runnable request) {
        return catchThrowableOfType(ProblemException.class, request::run).problem();
    }

    private Run run() {
        return store.runs.find(id).orElseThrow();
    }

    private JsonNode output() {
        store.takeIn(definition);
        return ((RunState.Succeeded) run().state()).output().tree();
    }

    @AfterEach
    void forget() {
        System.clearProperty("sluice.secrets.key");
    }

    @Test
    void aResultEndsTheStepAndIsPaidFor() {
        startAndDefer();
        Response answer = send("{\"a\":1}", "ce-sluicetokensin", "7");
        assertThat(answer.getStatus()).isEqualTo(202);
        assertThat(answer.getEntity()).isEqualTo(json("{run: '" + id + "', step: '/do/0/x', attempt: 1}"));
        assertThat(output()).isEqualTo(json("{a: 1}"));
        assertThat(run().usage()).isEqualTo(new Usage(7, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"''", "' '", "null"})
    void anEmptyResultIsNull(String body) {
        startAndDefer();
        send(body);
        assertThat(output().isNull()).isTrue();
    }

    @Test
    void aProblemFailsTheAttempt() {
        startAndDefer();
        send("{\"title\":\"no\",\"status\":418}", "ce-type", StepResult.FAILED);
        store.takeIn(definition);
        assertThat(((RunState.Failed) run().state()).problem().status()).isEqualTo(418);
    }

    @Test
    void aResultThatComesBeforeItsDeferralIsTaken() {
        startAndQueue("{}");
        send("1");
        store.runs.post(id, new Event.StepDeferred(STEP, 1, Duration.ZERO, Usage.NONE, T0));
        assertThat(output()).isEqualTo(json("1"));
    }

    @Test
    void theSameResultSentAgainIsAnsweredLikeTheFirst() {
        startAndDefer();
        send("{\"a\":1,\"b\":2}");
        assertThat(send("{\"b\":2, \"a\":1}").getStatus()).isEqualTo(202);
        assertThat(store.redis.inbox.read(P, 9)).hasSize(1);
        output();
        assertThat(send("{\"a\":1,\"b\":2}").getStatus()).isEqualTo(202);
        assertThat(store.redis.inbox.read(P, 9)).isEmpty();
    }

    @Test
    void anotherResultAfterTheFirstIsRefusedBeforeAndAfterItWasTakenIn() {
        startAndDefer();
        send("1");
        assertThat(refusal(() -> send("2")).code()).isEqualTo("SL4023");
        assertThat(refusal(() -> send("1", "ce-type", StepResult.FAILED)).code())
                .isEqualTo("SL4023");
        assertThat(output()).isEqualTo(json("1"));
        assertThat(refusal(() -> send("2")).status()).isEqualTo(409);
    }

    @Test
    void aResultOfARunThatWasKilledIsRefused() {
        startAndDefer();
        take(new Event.KillRequested("enough", T0));
        assertThat(refusal(() -> send("1")).detail()).contains("attempt 1 of step /do/0/x of run " + id + " is over");
        assertThat(refusal(() -> resource.heartbeat(token)).code()).isEqualTo("SL4023");
        assertThat(store.redis.inbox.read(P, 9)).isEmpty();
    }

    @Test
    void aResultOfAnAttemptThatWasSilentTooLongIsRefusedAndTheNextOnesIsTaken() {
        startAndDefer();
        String first = token;
        take(timer(Event.Timer.HEARTBEAT_TIMEOUT));
        assertThat(refusal(() -> send("1")).code()).isEqualTo("SL4023");
        take(timer(Event.Timer.BACKOFF));
        token = store.tokens().issue(delivery().task());
        assertThat(token).isNotEqualTo(first);
        take(new Event.StepDeferred(STEP, 2, Duration.ZERO, Usage.NONE, T0.plusSeconds(40)));
        send("2");
        assertThat(output()).isEqualTo(json("2"));
        assertThat(succeeded().startedAt()).isEqualTo(dueAt);
    }

    /** The one that the step waits for, as it stands among the timers. */
    private Event timer(Event.Timer timer) {
        dueAt = switch (run().steps().get(STEP)) {
            case StepState.Deferred deferred -> deferred.dueAt().orElseThrow();
            case StepState.Backoff backoff -> backoff.dueAt();
            default -> throw new AssertionError(run().steps());
        };
        return new Event.TimerElapsed(timer, STEP, 1, dueAt);
    }

    private HistoryEntry succeeded() {
        return store.runs.history(id, 0, 99).stream()
                .filter(entry -> entry.kind() == HistoryEntry.Kind.STEP_SUCCEEDED
                        && entry.step().equals(STEP))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aHeartbeatMovesTheEndOfTheSilence() {
        startAndDefer();
        assertThat(resource.heartbeat(token).getStatus()).isEqualTo(204);
        assertThat(resource.heartbeat(token).getStatus()).isEqualTo(204);
        store.takeIn(definition);
        assertThat(((StepState.Deferred) run().steps().get(STEP)).dueAt()).contains(T0.plusSeconds(39));
    }

    @Test
    void aPausedRunKeepsTheResult() {
        startAndDefer();
        take(new Event.PauseRequested(T0));
        assertThat(send("1").getStatus()).isEqualTo(202);
        assertThat(run().status()).isEqualTo(RunStatus.PAUSED);
    }

    @Test
    void aTokenWithAnotherSignatureIsNotFound() {
        startAndDefer();
        token = token.substring(0, token.length() - 1) + (token.endsWith("0") ? "1" : "0");
        assertThat(refusal(() -> send("1")).code()).isEqualTo("SL4022");
        assertThat(refusal(() -> resource.heartbeat(token)).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {              | ce-id             | 1                             | SL2004
            {} {}          | ce-id             | 1                             | SL2004
            1              | ce-type           | dev.sluice.step.deferred.v1   | SL4024
            1              | ce-sluicetokensin | many                          | SL4024
            {}             | content-type      | application/cloudevents+json  | SL2012
            """)
    void whatIsNoResultIsRefusedAndTheAttemptWaitsOn(String body, String header, String value, String code) {
        startAndDefer();
        assertThat(refusal(() -> send(body, header, value)).code()).isEqualTo(code);
        assertThat(send("1").getStatus()).isEqualTo(202);
    }

    @Test
    void aBodyBeyondTheBoundIsRefused() {
        startAndDefer();
        assertThat(refusal(() -> send(" ".repeat(Body.BYTES_MAX) + "1")).code()).isEqualTo("SL2006");
    }

    @Test
    void aSecretThatTheTaskHadDoesNotComeBack() {
        System.setProperty("sluice.secrets.key", "hunter2hunter2");
        String mark = store.secrets().find("key").orElseThrow().textValue();
        startAndQueue("{k: '" + mark + "'}");
        send("{\"echo\":\"Bearer hunter2hunter2\"}");
        assertThat(output()).isEqualTo(json("{echo: 'Bearer ***'}"));
    }
}
