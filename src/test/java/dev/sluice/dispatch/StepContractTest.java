package dev.sluice.dispatch;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.OnBehalf;
import dev.sluice.queue.Task;
import dev.sluice.store.Redaction;
import dev.sluice.store.StepResult;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Service;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StepContractTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant AT = T0.plusSeconds(2);
    private static final Task TASK = task("/do/0/x", 2);

    private static Task task(String step, int attempt) {
        return new Task("r-1", step, attempt, "f", "{}", T0, "r-1:" + step, Duration.ZERO, false);
    }

    private static Event read(int status, String body, String... headers) {
        MultiMap map = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < headers.length; i += 2) map.add(headers[i], headers[i + 1]);
        return StepContract.read(
                TASK, new Http.Answer(status, map, body.getBytes(StandardCharsets.UTF_8)), Redaction.NONE, T0, AT);
    }

    private static Problem problem(int status, String body, String... headers) {
        if (read(status, body, headers) instanceof Event.StepFailed failed) return failed.problem();
        throw new AssertionError("not a failure");
    }

    private static Usage usage(String... headers) {
        return ((Event.StepSucceeded) read(200, "{}", headers)).usage();
    }

    @Test
    void aFunctionIsToldTheFenceOfWhatHoldsAPermitAlone() {
        var limits = List.of(new Service.Limit("default.w/a=1", 1));
        var fenced = new Task(
                "r-1",
                "/x",
                1,
                "f",
                "{}",
                T0,
                "k",
                Duration.ZERO,
                false,
                limits,
                1_767_225_600_000_001L,
                OnBehalf.NOBODY);
        assertThat(StepContract.headers(fenced, AT, "t").get("ce-sluicefence")).isEqualTo("1767225600000001");
        assertThat(StepContract.headers(TASK, AT, "t").contains("ce-sluicefence"))
                .isFalse();
    }

    @Test
    void jsonIsTheOutput() {
        assertThat(read(200, "{\"a\":1}", "ce-type", "f.output"))
                .isEqualTo(new Event.StepSucceeded("/do/0/x", 2, Value.of(json("{a: 1}")), Usage.NONE, T0, AT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", "null"})
    void anEmptyBodyIsNull(String body) {
        assertThat(((Event.StepSucceeded) read(204, body)).output().isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "{", "{\"a\":1} and more", "\u0000"})
    void whatIsNotJsonFailsTheStepForGood(String body) {
        assertThat(problem(200, body).code()).isEqualTo("SL4013");
        assertThat(problem(200, body).retryable()).isFalse();
        assertThat(problem(200, body).detail()).contains("function 'f'").contains("not JSON");
    }

    @Test
    void aFailedEventCarriesItsProblem() {
        var problem = problem(
                200,
                "{\"code\":\"SL5004\",\"status\":429,\"retryable\":true,\"retryAfter\":7.5}",
                "ce-type",
                StepResult.FAILED);
        assertThat(problem.code()).isEqualTo("SL5004");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofMillis(7_500));
    }

    @Test
    void aFailedEventIsPaidForAsWell() {
        var failed = (Event.StepFailed) read(200, "{}", "ce-type", StepResult.FAILED, "ce-sluicecostmicros", "9");
        assertThat(failed.usage()).isEqualTo(new Usage(0, 0, 9));
    }

    @Test
    void aFailedEventWithoutDataIsAFailureThatLasts() {
        assertThat(problem(200, "", "ce-type", StepResult.FAILED).retryable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                     | 0
            {}                     | 0
            {"heartbeat": null}    | 0
            {"heartbeat": 30}      | 30000
            {"heartbeat": 0.5}     | 500
            {"heartbeat": 0.00001} | 1
            {"heartbeat": 1e99}    | 31536000000
            "later"                | 0
            """)
    void aDeferralSaysHowLongItsSilenceMayLast(String body, long millis) {
        assertThat(read(202, body, "ce-type", StepResult.DEFERRED, "ce-sluicetokensin", "5"))
                .isEqualTo(new Event.StepDeferred("/do/0/x", 2, Duration.ofMillis(millis), new Usage(5, 0, 0), AT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"heartbeat\":0}", "{\"heartbeat\":-1}", "{\"heartbeat\":\"30s\"}", "{\"heartbeat\":"})
    void aDeferralWithoutAUsableHeartbeatFailsForGood(String body) {
        assertThat(problem(202, body, "ce-type", StepResult.DEFERRED).code()).isEqualTo("SL4013");
        assertThat(problem(202, body, "ce-type", StepResult.DEFERRED).retryable())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 404, 418, 422, 429, 503, 599})
    void theProblemHasTheStatusThatTheFunctionAnswered(int status) {
        assertThat(problem(status, "why").status()).isEqualTo(status);
        assertThat(problem(status, "why").code()).isEqualTo("SL4012");
    }

    @Test
    void aStatusThatHttpDoesNotHaveIsABadGateway() {
        assertThat(problem(999, "").status()).isEqualTo(502);
        assertThat(problem(999, "").retryable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "300,false",
        "400,false",
        "401,false",
        "404,false",
        "408,true",
        "413,false",
        "422,false",
        "425,true",
        "429,true",
        "500,true",
        "501,false",
        "502,true",
        "503,true",
        "504,true",
        "505,false",
        "599,true"
    })
    void aStatusSaysWhetherAnotherAttemptMayHelp(int status, boolean retryable) {
        assertThat(problem(status, "why").retryable()).isEqualTo(retryable);
        assertThat(problem(status, "why").detail()).isEqualTo("HTTP " + status + ": why");
    }

    @Test
    void aLongErrorIsCut() {
        assertThat(problem(500, "x".repeat(100_000)).detail())
                .hasSizeLessThan(2_100)
                .endsWith("…");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            7                             | 7
            1.9                           | 1
            Thursday, 01-Jan-26 00:01:02 GMT | 60
            Thu Jan  1 00:01:02 2026      | 60
            Thu Jan 31 00:01:02 2026      | 86400
            ' Thu, 01 Jan 2026 00:01:02 GMT ' | 60
            Thu, 1 Jan 2026 00:01:02 GMT  | 60
            Thu, 01 Jan 2026 02:01:02 +0200 | 60
            Friday, 31-Dec-99 23:59:59 GMT | 0
            Thursday, 32-Jan-26 00:01:02 GMT | 0
            Thursday, 01-Foo-26 00:01:02 GMT | 0
            7 seconds                     | 0
            1e3                           | 0
            ' 7 '                         | 7
            0                             | 0
            -7                            | 0
            soon                          | 0
            ''                            | 0
            99999999                      | 86400
            99999999999999999999999       | 86400
            Thu, 01 Jan 2026 00:01:02 GMT | 60
            Thu, 01 Jan 2026 00:00:00 GMT | 0
            Fri, 31 Dec 9999 23:59:59 GMT | 86400
            """)
    void retryAfterIsSecondsOrADateAndAtMostADay(String header, long seconds) {
        assertThat(problem(429, "", "retry-after", header).retryAfter().truncatedTo(ChronoUnit.SECONDS))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void usageComesInHeaders() {
        assertThat(usage("ce-sluicetokensin", "1", "ce-sluicetokensout", "2", "ce-sluicecostmicros", "3"))
                .isEqualTo(new Usage(1, 2, 3));
    }

    @Test
    void negativeUsageIsNone() {
        assertThat(usage("ce-sluicetokensin", "-1")).isEqualTo(Usage.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"many", "1.5", "99999999999999999999", ""})
    void usageThatCannotBeReadFailsTheStepAndSaysSo(String tokens) {
        assertThat(problem(200, "{}", "ce-sluicetokensin", tokens).detail())
                .contains("ce-sluicetokensin")
                .doesNotContain("JSON");
    }

    @Test
    void theRequestIsACloudEventThatNamesTheAttempt() {
        assertThat(headers(TASK))
                .containsEntry("ce-specversion", "1.0")
                .containsEntry("ce-type", "f")
                .containsEntry("ce-id", "r-1|/do/0/x|2")
                .containsEntry("ce-source", "/runs/r-1")
                .containsEntry("ce-sluiceattempt", "2")
                .containsEntry("ce-sluicetoken", "token")
                .containsEntry("ce-idempotencykey", "r-1:/do/0/x")
                .containsEntry("ce-sluicedeadline", "2026-01-01T00:00:02Z");
    }

    private static Task onBehalf(String tenant, String workflow, String origin, String budget) {
        var of = new OnBehalf(tenant, workflow, origin, budget);
        return new Task("r-1", "/x", 1, "f", "{}", T0, "k", Duration.ZERO, false, List.of(), 0, of);
    }

    @Test
    void aFunctionIsToldOnWhoseBehalfItWorks() {
        assertThat(headers(onBehalf("acme", "default.w", "r-0", "{\"run\":50000}")))
                .containsEntry("ce-sluicetenant", "acme")
                .containsEntry("ce-sluiceworkflow", "default.w")
                .containsEntry("ce-sluiceorigin", "r-0")
                .containsEntry("ce-sluicebudget", "{%22run%22:50000}");
    }

    @Test
    void whatIsNotKnownOfThatIsLeftOut() {
        assertThat(headers(onBehalf("", "default.w", "", "")))
                .containsKey("ce-sluiceworkflow")
                .doesNotContainKeys("ce-sluicetenant", "ce-sluiceorigin", "ce-sluicebudget");
    }

    @Test
    void theIdempotencyKeyIsTheSameForEveryAttempt() {
        var next = task("/do/0/x", 3);
        assertThat(headers(next).get("ce-idempotencykey"))
                .isEqualTo(headers(TASK).get("ce-idempotencykey"));
    }

    @Test
    void aStepsNameOfAnyCharactersTravelsAsTheHttpBindingSays() {
        var task = task("/do/0/ä \"50%\"\n", 1);
        assertThat(headers(task)).containsEntry("ce-sluicestep", "/do/0/%C3%A4%20%2250%25%22%0A");
    }

    private static Map<String, String> headers(Task task) {
        var headers = new HashMap<String, String>();
        StepContract.headers(task, AT, "token").forEach(headers::put);
        return headers;
    }
}
