package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Says what an endpoint's failure means: of which kind it is, which problem, and whether another attempt can help. */
final class EndpointFailure {
    /** 300: enough to recognise the endpoint's own error, too little to drown a log line. */
    private static final int MESSAGE_LENGTH_MAX = 300;

    /** As OpenAI, Anthropic, Mistral, vLLM and llama.cpp say it. */
    private static final Pattern TOO_LONG = Pattern.compile("context_length_exceeded|context[ _](length|window|size)"
            + "|maximum context|too many tokens|prompt is too long|exceed_context_size|string_above_max_length");

    private static final Pattern FILTERED =
            Pattern.compile("content_filter|content_policy|content management policy|responsible ?ai ?policy");

    /** 1 s: 429 without a time means soon, and is a pause like any other, not a failed attempt. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final String NOT_FOUND = "See %s and %s.";

    /** Something on the way gave up waiting; the model may have gone on. */
    private static final Set<Integer> LATE = Set.of(408, 504, 524);

    private EndpointFailure() {}

    /** For a call that brought no response. */
    static Failure of(Endpoint endpoint, Throwable thrown) {
        int depth = 0;
        // Ten: a chain of causes is shorter, and one that runs in a circle ends.
        for (Throwable cause = thrown; cause != null && depth < 10; cause = cause.getCause(), depth++) {
            if (cause instanceof TimeoutException || cause instanceof io.smallrye.mutiny.TimeoutException) {
                return timedOut(endpoint, endpoint.timeouts().total(), "timeout");
            }
        }
        Throwable root = root(thrown);
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String detail = "cannot reach " + endpoint.described() + ": " + told(endpoint, reason) + ". Is it running? See "
                + endpoint.setting("url") + ".";
        var failure =
                new Failure(Trouble.UNREACHABLE, Problem.of(Code.SL5001, detail).retry(), thrown);
        return wasNeverSent(root) ? failure : failure.perhapsPaid();
    }

    private static boolean wasNeverSent(Throwable root) {
        return root instanceof ConnectException || root instanceof UnknownHostException || root instanceof SSLException;
    }

    /** For a streamed answer that ended too early. */
    static Failure brokenOff(Endpoint endpoint) {
        String detail = endpoint.described() + " broke its answer off. Another attempt may succeed.";
        return new Failure(Trouble.SERVER_ERROR, Problem.of(Code.SL5002, detail).retry()).perhapsPaid();
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < 10; depth++) root = root.getCause();
        return root;
    }

    /** @param setting of the endpoint that bounds it */
    static Failure timedOut(Endpoint endpoint, Duration after, String setting) {
        String what = setting.equals("timeout") ? "did not answer" : "did not begin to answer";
        String detail = endpoint.described() + " " + what + " within " + seconds(after)
                + ". It may be overloaded, or the answer long: see " + endpoint.setting(setting) + ".";
        return new Failure(Trouble.TIMEOUT, Problem.of(Code.SL5006, detail).retry()).perhapsPaid();
    }

    /**
     * For a response with a status that is not 2xx.
     *
     * @param body of the response, in OpenAI's error form or any other
     * @param retryAfter zero when the endpoint did not say
     */
    static Failure of(Endpoint endpoint, int status, String body, Duration retryAfter) {
        Trouble trouble = trouble(status, body);
        String detail = endpoint.described() + " answered " + status + saying(endpoint, body) + ". ";
        Problem problem =
                switch (trouble) {
                    case RATE_LIMITED ->
                        Problem.of(
                                        Code.SL5004,
                                        endpoint.described() + " takes no more requests now" + saying(endpoint, body)
                                                + ". Lower " + endpoint.setting("concurrency") + " if this goes on.")
                                .retryAfter(retryAfter.isPositive() ? retryAfter : SOON);
                    case SERVER_ERROR ->
                        Problem.of(Code.SL5002, detail + "Another attempt may succeed.")
                                .retryAfter(retryAfter);
                    case CONTEXT ->
                        Problem.of(
                                Code.SL5009,
                                detail + "The prompt is too long: set " + endpoint.setting("input-characters-max")
                                        + ", or " + endpoint.setting("context-tokens")
                                        + " and a route to a model with a larger window.");
                    case FILTER -> filtered(detail);
                    case KEY ->
                        Problem.of(
                                Code.SL5002,
                                detail
                                        + (status == 404
                                                ? NOT_FOUND.formatted(
                                                        endpoint.setting("url"), endpoint.setting("model"))
                                                : keyAdvice(endpoint)));
                    default -> Problem.of(Code.SL5002, detail + advice(endpoint));
                };
        var failure = new Failure(trouble, problem);
        return LATE.contains(status) ? failure.perhapsPaid() : failure;
    }

    private static Problem filtered(String detail) {
        return Problem.of(
                Code.SL5010,
                detail + "Look at what the step sends, or let its route fall back to an endpoint with other rules.");
    }

    private static Trouble trouble(int status, String body) {
        if (status == 429) return Trouble.RATE_LIMITED;
        if (status == 408 || status == 409 || status == 425 || status >= 500) return Trouble.SERVER_ERROR;
        if (status == 401 || status == 402 || status == 403 || status == 404) return Trouble.KEY;
        String said = body.toLowerCase(Locale.ROOT);
        if (status == 413 || TOO_LONG.matcher(said).find()) return Trouble.CONTEXT;
        return FILTERED.matcher(said).find() ? Trouble.FILTER : Trouble.REQUEST;
    }

    private static String keyAdvice(Endpoint endpoint) {
        return endpoint.key().present()
                ? "The endpoint refuses " + endpoint.setting("key") + ": set a valid key."
                : "Set " + endpoint.setting("key") + ".";
    }

    private static String advice(Endpoint endpoint) {
        return "The endpoint does not take this request: see " + endpoint.setting("answer-format") + ", "
                + endpoint.setting("output-limit-field") + " and " + endpoint.setting("input-characters-max") + ".";
    }

    /** For a response of 2xx that is no completion. */
    static Failure noCompletion(Endpoint endpoint, String flaw) {
        return new Failure(
                        Trouble.SERVER_ERROR,
                        unusable(endpoint.described(), endpoint.key().scrub(flaw)))
                .perhapsPaid();
    }

    /** For an answer whose content the endpoint's filter held back. It is paid for all the same. */
    static Failure contentFiltered(Endpoint endpoint) {
        return new Failure(
                Trouble.FILTER, filtered("the content filter of " + endpoint.described() + " stopped the answer. "));
    }

    /** For an answer that arrived and cannot be used. */
    static Problem unusable(String whose, String flaw) {
        String detail = "the answer of " + whose + " cannot be used: " + flaw
                + ". Another attempt may bring a better one; if none does, simplify the schema or use a larger model.";
        return Problem.of(Code.SL5003, detail).retry();
    }

    /** For a call that was not made, because as many as allowed were in flight all the time. */
    static Failure crowded(Endpoint endpoint, Duration waited, Duration again) {
        String detail = "no place became free for " + endpoint.described() + " within " + seconds(waited) + ". Raise "
                + endpoint.setting("concurrency") + " if the endpoint can bear it.";
        return new Failure(Trouble.RATE_LIMITED, Problem.of(Code.SL5004, detail).retryAfter(again));
    }

    /** For a call that was not made, because the endpoint is to be left alone, or its rate has no room. */
    static Failure notNow(Endpoint endpoint, String why, Duration again) {
        String detail = endpoint.described() + " is not asked for another " + seconds(again) + ": " + why + ".";
        return new Failure(Trouble.RATE_LIMITED, Problem.of(Code.SL5004, detail).retryAfter(again));
    }

    /** For a call that was given up. */
    static Failure aborted(Endpoint endpoint) {
        String detail = "the call of " + endpoint.described() + " was given up, because nobody waits for the answer any"
                + " more. It is made again with the next attempt, if there is one.";
        return new Failure(Trouble.ABANDONED, Problem.of(Code.SL5001, detail).retry()).perhapsPaid();
    }

    static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    private static String saying(Endpoint endpoint, String body) {
        String message = message(body);
        return message.isBlank() ? "" : ": " + told(endpoint, message);
    }

    private static String message(String body) {
        return ChatAnswer.parse(body).map(EndpointFailure::message).orElse(body);
    }

    private static String message(JsonNode json) {
        JsonNode error = json.path("error");
        if (error.isTextual()) return error.asText();
        for (JsonNode text : new JsonNode[] {error.path("message"), json.path("message"), json.path("detail")}) {
            if (text.isTextual()) return text.asText();
        }
        return json.toString();
    }

    /** Scrubbed before it is shortened, so that no half of a key remains at the cut. */
    private static String told(Endpoint endpoint, String text) {
        return shortened(endpoint.key().scrub(text));
    }

    static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ").strip().replaceAll("[.]+$", "");
        return line.length() <= MESSAGE_LENGTH_MAX ? line : line.substring(0, MESSAGE_LENGTH_MAX) + "…";
    }
}
