package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Says what an endpoint's failure means for the step: which problem, and whether another attempt can help. */
final class EndpointFailure {
    /** 300: enough to recognise the endpoint's own error, too little to drown a log line. */
    private static final int MESSAGE_LENGTH_MAX = 300;

    private EndpointFailure() {}

    /** For a call that brought no response. */
    static Problem of(Endpoint endpoint, Throwable thrown) {
        int depth = 0;
        // Ten: a chain of causes is shorter, and one that runs in a circle ends.
        for (Throwable cause = thrown; cause != null && depth < 10; cause = cause.getCause(), depth++) {
            if (cause instanceof TimeoutException || cause instanceof io.smallrye.mutiny.TimeoutException) {
                return timedOut(endpoint);
            }
        }
        Throwable root = root(thrown);
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String detail = "cannot reach " + endpoint.described() + ": " + told(endpoint, reason) + ". Is it running? See "
                + endpoint.setting("url") + ".";
        return Problem.of(Code.SL5001, detail).retry();
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < 10; depth++) root = root.getCause();
        return root;
    }

    private static Problem timedOut(Endpoint endpoint) {
        String detail = endpoint.described() + " did not answer within " + seconds(endpoint.timeout())
                + ". It may be overloaded, or the answer long: see " + endpoint.setting("timeout") + ".";
        return Problem.of(Code.SL5006, detail).retry();
    }

    /**
     * For a response with a status that is not 2xx.
     *
     * @param body of the response, in OpenAI's error form or any other
     * @param retryAfter zero when the endpoint did not say
     */
    static Problem of(Endpoint endpoint, int status, String body, Duration retryAfter) {
        if (status == 429) {
            String detail = endpoint.described() + " takes no more requests now" + saying(endpoint, body) + ". Lower "
                    + endpoint.setting("concurrency") + " if this goes on.";
            return Problem.of(Code.SL5004, detail).retryAfter(retryAfter);
        }
        String detail = endpoint.described() + " answered " + status + saying(endpoint, body) + ". ";
        boolean transientFailure = status == 408 || status == 409 || status >= 500;
        if (transientFailure) {
            return Problem.of(Code.SL5002, detail + "Another attempt may succeed.")
                    .retryAfter(retryAfter);
        }
        return Problem.of(Code.SL5002, detail + advice(endpoint, status));
    }

    private static String advice(Endpoint endpoint, int status) {
        return switch (status) {
            case 401, 403 ->
                endpoint.key().present()
                        ? "The endpoint refuses " + endpoint.setting("key") + ": set a valid key."
                        : "Set " + endpoint.setting("key") + ".";
            case 404 -> "See " + endpoint.setting("url") + " and " + endpoint.setting("model") + ".";
            case 413 -> "The prompt is too long: set " + endpoint.setting("input-characters-max") + ".";
            default ->
                "The endpoint does not take this request: see " + endpoint.setting("answer-format") + ", "
                        + endpoint.setting("output-limit-field") + " and " + endpoint.setting("input-characters-max")
                        + ".";
        };
    }

    /** For an answer that arrived and cannot be used. */
    static Problem unusable(Endpoint endpoint, String flaw) {
        String detail = "the answer of " + endpoint.described() + " cannot be used: "
                + endpoint.key().scrub(flaw)
                + ". Another attempt may bring a better one; if none does, simplify the schema or use a larger model.";
        return Problem.of(Code.SL5003, detail).retry();
    }

    /** For a call that was not made, because as many as allowed were in flight for the whole timeout. */
    static Problem crowded(Endpoint endpoint) {
        String detail = "no place became free for " + endpoint.described() + " within " + seconds(endpoint.timeout())
                + ". Raise " + endpoint.setting("concurrency") + " if the endpoint can bear it.";
        return Problem.of(Code.SL5004, detail).retry();
    }

    /** For a call that was given up. */
    static Problem aborted(Endpoint endpoint) {
        String detail = "the call of " + endpoint.described() + " was given up, because nobody waits for the answer any"
                + " more. It is made again with the next attempt, if there is one.";
        return Problem.of(Code.SL5001, detail).retry();
    }

    private static String seconds(Duration duration) {
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
