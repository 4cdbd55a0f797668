package dev.sluice.dispatch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.queue.Task;
import dev.sluice.store.Redaction;
import dev.sluice.store.StepResult;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RetryAfter;
import dev.sluice.workflow.Usage;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;

/**
 * The step contract on the wire ({@code docs/functions.md}): a task as a CloudEvent in binary mode, and what an HTTP
 * answer means as an event of the run.
 */
final class StepContract {
    /** One year: a person who approves something takes days, not years. */
    private static final double HEARTBEAT_SECONDS_MAX = 365 * 86_400;

    /** 2,000 characters of a foreign error are enough to see what it is, and do not flood the history. */
    private static final int DETAIL_CHARACTERS_MAX = 2_000;

    /** Request timeout, too early, too many requests. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);

    /** Not implemented, HTTP version not supported: the same request is answered so for ever. */
    private static final Set<Integer> NEVER_PASSING = Set.of(501, 505);

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final CharSequence SPEC_VERSION = HttpHeaders.createOptimized("ce-specversion");
    private static final CharSequence TYPE = HttpHeaders.createOptimized("ce-type");
    private static final CharSequence ID = HttpHeaders.createOptimized("ce-id");
    private static final CharSequence SOURCE = HttpHeaders.createOptimized("ce-source");
    private static final CharSequence RUN = HttpHeaders.createOptimized("ce-sluicerun");
    private static final CharSequence STEP = HttpHeaders.createOptimized("ce-sluicestep");
    private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("ce-sluiceattempt");
    private static final CharSequence IDEMPOTENCY_KEY = HttpHeaders.createOptimized("ce-idempotencykey");
    private static final CharSequence DEADLINE = HttpHeaders.createOptimized("ce-sluicedeadline");
    private static final CharSequence TOKEN = HttpHeaders.createOptimized("ce-sluicetoken");
    private static final CharSequence FENCE = HttpHeaders.createOptimized("ce-sluicefence");
    private static final CharSequence WORKFLOW = HttpHeaders.createOptimized("ce-sluiceworkflow");
    private static final CharSequence TENANT = HttpHeaders.createOptimized("ce-sluicetenant");
    private static final CharSequence ORIGIN = HttpHeaders.createOptimized("ce-sluiceorigin");
    private static final CharSequence BUDGET = HttpHeaders.createOptimized("ce-sluicebudget");
    private static final CharSequence ONE = HttpHeaders.createOptimized("1.0");
    private static final CharSequence JSON_TYPE = HttpHeaders.createOptimized("application/json");

    private StepContract() {}

    /** @param token names the attempt, for a result that is sent later */
    static MultiMap headers(Task task, Instant deadline, String token) {
        MultiMap headers = HttpHeaders.headers()
                .add(SPEC_VERSION, ONE)
                .add(TYPE, percentEncoded(task.function()))
                .add(ID, percentEncoded(task.attemptId()))
                .add(SOURCE, percentEncoded("/runs/" + task.run()))
                .add(RUN, percentEncoded(task.run()))
                .add(STEP, percentEncoded(task.step()))
                .add(ATTEMPT, String.valueOf(task.attempt()))
                .add(IDEMPOTENCY_KEY, percentEncoded(task.idempotencyKey()))
                .add(DEADLINE, deadline.toString())
                .add(TOKEN, token)
                .add(HttpHeaders.CONTENT_TYPE, JSON_TYPE);
        if (task.fence() > 0) headers.add(FENCE, String.valueOf(task.fence()));
        addPresent(headers, WORKFLOW, task.onBehalf().workflow());
        addPresent(headers, TENANT, task.onBehalf().tenant());
        addPresent(headers, ORIGIN, task.onBehalf().origin());
        addPresent(headers, BUDGET, task.onBehalf().budget());
        return headers;
    }

    private static void addPresent(MultiMap headers, CharSequence name, String value) {
        if (!value.isEmpty()) headers.add(name, percentEncoded(value));
    }

    /** As the HTTP binding of CloudEvents has it (3.1.3.2): names of steps may hold any character. */
    static String percentEncoded(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!isPlain(value.charAt(i))) return encoded(value);
        }
        return value;
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c <= '~' && c != '"' && c != '%';
    }

    private static String encoded(String value) {
        var encoded = new StringBuilder(value.length() + 16);
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) encoded.append((char) b);
            else encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return encoded.toString();
    }

    /**
     * @param redaction takes the secrets that the task had out of what is answered
     * @param at when the answer was complete
     */
    static Event read(Task task, Http.Answer answer, Redaction redaction, Instant startedAt, Instant at) {
        return redaction.event(
                answer.status() / 100 == 2
                        ? result(task, answer, startedAt, at)
                        : failed(task, ofStatus(answer, redaction, at), Usage.NONE, startedAt, at));
    }

    private static Event result(Task task, Http.Answer answer, Instant startedAt, Instant at) {
        String type = answer.headers().get("ce-type");
        try {
            Usage usage = StepResult.usage(answer.headers()::get);
            JsonNode body = JSON.readTree(answer.body());
            JsonNode data = body.isMissingNode() ? NullNode.instance : body;
            if (StepResult.DEFERRED.equals(type)) {
                return new Event.StepDeferred(task.step(), task.attempt(), heartbeat(data), usage, at);
            }
            return new StepResult(StepResult.FAILED.equals(type), data, usage)
                    .event(task.step(), task.attempt(), startedAt, at);
        } catch (NumberFormatException e) {
            return failed(task, unusable(task, e.getMessage()), Usage.NONE, startedAt, at);
        } catch (IOException e) {
            String reason = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            return failed(
                    task, unusable(task, "it is not JSON" + how(answer) + ": " + reason), Usage.NONE, startedAt, at);
        }
    }

    /** Asked for is an answer as it is: what is packed nevertheless is told apart from garbage. */
    private static String how(Http.Answer answer) {
        String encoding = answer.headers().get("content-encoding");
        return encoding == null ? "" : " (its content-encoding is '" + encoding + "', which nobody asked for)";
    }

    /**
     * Zero when the function did not say.
     *
     * @throws NumberFormatException when it is not a number of seconds above 0
     */
    private static Duration heartbeat(JsonNode data) {
        JsonNode seconds = data.path("heartbeat");
        if (seconds.isMissingNode() || seconds.isNull()) return Duration.ZERO;
        if (!seconds.isNumber() || !(seconds.doubleValue() > 0)) {
            throw new NumberFormatException("its heartbeat is not a number of seconds above 0: " + seconds);
        }
        return Duration.ofMillis(
                Math.max(1, Math.round(Math.min(seconds.doubleValue(), HEARTBEAT_SECONDS_MAX) * 1000)));
    }

    static Event failed(Task task, Problem problem, Usage usage, Instant startedAt, Instant at) {
        return new Event.StepFailed(task.step(), task.attempt(), problem, usage, startedAt, at);
    }

    private static Problem unusable(Task task, String reason) {
        return Problem.of(Code.SL4013, "the answer of function '" + task.function() + "' cannot be used: " + reason);
    }

    /**
     * 408, 425, 429 and most of 5xx may pass; any other status means that the same request will fail again. The problem
     * has the status that was answered, so that a workflow can catch by it.
     */
    private static Problem ofStatus(Http.Answer answer, Redaction redaction, Instant at) {
        int status = answer.status();
        Problem problem = Problem.of(Code.SL4012, "HTTP " + status + saying(answer, redaction));
        if (status >= 100 && status < 600) problem = problem.status(status);
        boolean passing = status >= 500 ? !NEVER_PASSING.contains(status) : PASSING.contains(status);
        return passing ? problem.retryAfter(RetryAfter.read(answer.headers().get("retry-after"), at)) : problem;
    }

    /** What comes after the status: the body, without secrets, or where a redirect leads. */
    private static String saying(Http.Answer answer, Redaction redaction) {
        String location = answer.headers().get("location");
        if (answer.status() / 100 == 3 && location != null) {
            return " to " + shown(redaction.text(location))
                    + ": redirects are not followed; give the function's own address";
        }
        String body = redaction.text(new String(answer.body(), StandardCharsets.UTF_8).strip());
        return body.isEmpty() ? " with an empty body" : ": " + shown(body);
    }

    private static String shown(String text) {
        return text.length() > DETAIL_CHARACTERS_MAX ? text.substring(0, DETAIL_CHARACTERS_MAX) + "…" : text;
    }
}
