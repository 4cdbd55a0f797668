package dev.sluice.dispatch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.queue.Task;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * The step contract on the wire ({@code docs/functions.md}): a task as a CloudEvent in binary mode, and what an HTTP
 * answer means as an event of the run.
 */
final class StepContract {
    static final String FAILED = "dev.sluice.step.failed.v1";
    static final String DEFERRED = "dev.sluice.step.deferred.v1";

    /** 2,000 characters of a foreign error are enough to see what it is, and do not flood the history. */
    private static final int DETAIL_CHARACTERS_MAX = 2_000;

    /** One day: see {@link Problem#fromJson}. */
    private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private StepContract() {}

    static Map<String, String> headers(Task task, Instant deadline) {
        var headers = new HashMap<String, String>();
        headers.put("ce-specversion", "1.0");
        headers.put("ce-type", task.function());
        headers.put("ce-id", task.attemptId());
        headers.put("ce-source", "/runs/" + task.run());
        headers.put("ce-sluicerun", task.run());
        headers.put("ce-sluicestep", task.step());
        headers.put("ce-sluiceattempt", String.valueOf(task.attempt()));
        headers.put("ce-idempotencykey", task.idempotencyKey());
        headers.put("ce-sluicedeadline", deadline.toString());
        headers.replaceAll((name, value) -> percentEncoded(value));
        headers.put("content-type", "application/json");
        return headers;
    }

    /** As the HTTP binding of CloudEvents has it (3.1.3.2): names of steps may hold any character. */
    private static String percentEncoded(String value) {
        var encoded = new StringBuilder(value.length());
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b <= '~' && b != '"' && b != '%') encoded.append((char) b);
            else encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return encoded.toString();
    }

    /** @param at when the answer was complete */
    static Event read(Task task, Http.Answer answer, Instant startedAt, Instant at) {
        String type = answer.headers().get("ce-type");
        if (answer.status() / 100 != 2) return failed(task, ofStatus(answer, at), Usage.NONE, startedAt, at);
        Usage usage;
        JsonNode data;
        try {
            usage = usage(answer.headers());
            JsonNode body = JSON.readTree(answer.body());
            data = body.isMissingNode() ? NullNode.instance : body;
        } catch (NumberFormatException e) {
            return failed(task, unusable(task, e.getMessage()), Usage.NONE, startedAt, at);
        } catch (IOException e) {
            String reason = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            return failed(task, unusable(task, "it is not JSON: " + reason), Usage.NONE, startedAt, at);
        }
        if (FAILED.equals(type)) return failed(task, Problem.fromJson(data), usage, startedAt, at);
        if (DEFERRED.equals(type)) {
            Problem problem = unusable(task, "deferred results are not supported yet");
            return failed(task, problem, usage, startedAt, at);
        }
        return new Event.StepSucceeded(task.step(), task.attempt(), Value.of(data), usage, startedAt, at);
    }

    static Event failed(Task task, Problem problem, Usage usage, Instant startedAt, Instant at) {
        return new Event.StepFailed(task.step(), task.attempt(), problem, usage, startedAt, at);
    }

    private static Problem unusable(Task task, String reason) {
        return Problem.of(Code.SL4013, "the answer of function '" + task.function() + "' cannot be used: " + reason);
    }

    /** 408, 429 and 5xx may pass; any other status means that the same request will fail again. */
    private static Problem ofStatus(Http.Answer answer, Instant at) {
        int status = answer.status();
        String body = new String(answer.body(), StandardCharsets.UTF_8).strip();
        String shown = body.length() > DETAIL_CHARACTERS_MAX ? body.substring(0, DETAIL_CHARACTERS_MAX) + "…" : body;
        Problem problem =
                Problem.of(Code.SL4012, "HTTP " + status + (shown.isEmpty() ? " with an empty body" : ": " + shown));
        boolean passing = status == 408 || status == 429 || status >= 500;
        return passing ? problem.retryAfter(retryAfter(answer.headers(), at)) : problem;
    }

    /** Seconds or an HTTP date (RFC 9110, 10.2.3), at most a day; zero when there is none or it makes no sense. */
    private static Duration retryAfter(MultiMap headers, Instant at) {
        String value = headers.get("retry-after");
        if (value == null) return Duration.ZERO;
        try {
            Duration wait = value.strip().matches("\\d+")
                    ? Duration.ofSeconds(new BigInteger(value.strip())
                            .min(BigInteger.valueOf(RETRY_AFTER_MAX.toSeconds()))
                            .longValue())
                    : Duration.between(
                            at,
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            if (wait.isNegative()) return Duration.ZERO;
            return wait.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : wait;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    private static Usage usage(MultiMap headers) {
        return new Usage(
                number(headers, "ce-sluicetokensin"),
                number(headers, "ce-sluicetokensout"),
                number(headers, "ce-sluicecostmicros"));
    }

    private static long number(MultiMap headers, String name) {
        String value = headers.get(name);
        try {
            return value == null ? 0 : Math.max(0, Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new NumberFormatException("its header " + name + " is not a whole number: '" + value + "'");
        }
    }
}
