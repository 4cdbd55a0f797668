package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * What went wrong, as RFC 9457 has it, and whether another attempt can help.
 *
 * @param type URI of the kind of problem; {@code /v1/errors/<code>} for Sluice's own
 * @param status HTTP status that says the same, 100 to 599
 * @param code one of {@link Code}, or empty when a function made the problem up itself
 * @param title a few words, the same for every occurrence of the type
 * @param detail what was tried, on what, in which state, and what to do
 * @param retryable true when the same attempt may succeed later
 * @param instance JSON pointer of the step that met it; empty where no step did
 * @param retryAfter how long the other side asked to wait; zero when it said nothing
 */
public record Problem(
        String type,
        int status,
        String code,
        String title,
        String detail,
        String instance,
        boolean retryable,
        Duration retryAfter) {

    public Problem {
        Objects.requireNonNull(type);
        Objects.requireNonNull(code);
        Objects.requireNonNull(title);
        Objects.requireNonNull(detail);
        Objects.requireNonNull(instance);
        Objects.requireNonNull(retryAfter);
    }

    private static final String OWN = "/v1/errors/";

    /** A problem that will not go away by itself. */
    public static Problem of(Code code, String detail) {
        return new Problem(
                OWN + code.name(), code.status(), code.name(), code.title(), detail, "", false, Duration.ZERO);
    }

    /** The same problem, marked as one that another attempt may not meet. */
    public Problem retry() {
        return retryAfter(Duration.ZERO);
    }

    /** The same problem, marked as one that an attempt after {@code wait} may not meet. */
    public Problem retryAfter(Duration wait) {
        return new Problem(type, status, code, title, detail, instance, true, wait);
    }

    /** The same problem with the HTTP status that somebody else answered. */
    public Problem status(int other) {
        return new Problem(type, other, code, title, detail, instance, retryable, retryAfter);
    }

    /** A problem of one of the DSL's own types. */
    public static Problem standard(StandardError error, Code code, String detail) {
        return new Problem(error.type(), error.status(), code.name(), code.title(), detail, "", false, Duration.ZERO);
    }

    /**
     * The problem as an error of a run: with one of the DSL's types in place of Sluice's own, and the step that met it.
     *
     * @param pointer of the step; kept out when the problem names one already
     */
    Problem raisedAt(String pointer) {
        String dslType = own().map(code -> StandardError.of(code).type()).orElse(type);
        String place = instance.isEmpty() ? pointer : instance;
        return new Problem(dslType, status, code, title, detail, place, retryable, retryAfter);
    }

    /** Empty when it is not one of Sluice's own, whatever the function that sent it claims. */
    private Optional<Code> own() {
        return Arrays.stream(Code.values())
                .filter(each -> each.name().equals(code) && type.equals(OWN + code))
                .findFirst();
    }

    /**
     * What expressions see of an error: {@code type status instance title detail}, and {@code code} when it has one.
     */
    ObjectNode toError() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", type).put("status", status).put("instance", instance);
        if (!title.isEmpty()) json.put("title", title);
        if (!detail.isEmpty()) json.put("detail", detail);
        if (!code.isEmpty()) json.put("code", code);
        return json;
    }

    public ProblemException asException() {
        return new ProblemException(this);
    }

    /**
     * Members {@code type status code title detail retryable retryAfter}; {@code retryAfter} in seconds, when above
     * zero.
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", type).put("status", status);
        if (!code.isEmpty()) json.put("code", code);
        json.put("title", title).put("detail", detail);
        if (!instance.isEmpty()) json.put("instance", instance);
        json.put("retryable", retryable);
        if (retryAfter.isPositive()) json.put("retryAfter", retryAfter.toMillis() / 1000.0);
        return json;
    }

    /** Reads what {@link #toJson} writes and what a foreign function may send; missing members get plain defaults. */
    public static Problem fromJson(JsonNode json) {
        int status = json.path("status").asInt(500);
        double seconds = Math.clamp(json.path("retryAfter").asDouble(0), 0, RETRY_AFTER_SECONDS_MAX);
        return new Problem(
                json.path("type").asText("about:blank"),
                status < 100 || status > 599 ? 500 : status,
                json.path("code").asText(""),
                json.path("title").asText("The function failed"),
                json.path("detail").asText(""),
                json.path("instance").asText(""),
                json.path("retryable").asBoolean(false),
                Duration.ofMillis(Math.round(seconds * 1000)));
    }

    /**
     * One day: a function that asks for more is asked again after a day, so that a typing error cannot park a run for
     * years.
     */
    private static final double RETRY_AFTER_SECONDS_MAX = 86_400;

    /** One line for a person: code, title and detail. */
    public String oneLine() {
        return (code.isEmpty() ? "" : code + " ") + title + (detail.isEmpty() ? "" : ": " + detail);
    }
}
