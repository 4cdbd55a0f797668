package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a scripted function does with one call. Made by the factories, refined by the others:
 *
 * <pre>{@code
 * Answer.of("{ok: true}")
 * Answer.of("{text: '…'}").after(Duration.ofSeconds(20)).costing(1_200, 80, 450)
 * Answer.retryable("the service is being restarted").twice()
 * Answer.deferred(Duration.ofMinutes(5)).beating(Duration.ofMinutes(4), 10).then(Answer.of("{approved: true}"))
 * }</pre>
 */
public final class Answer {
    enum Kind {
        OUTPUT,
        PROBLEM,
        DEFERRED,
        LOST
    }

    /** How often a deferred function tells that it is alive. */
    record Beats(Duration every, int count) {
        static final Beats NONE = new Beats(Duration.ZERO, 0);
    }

    final Kind kind;
    final JsonNode output;
    final Problem problem;
    /** Of a deferral: longest silence; zero: the step's own. */
    final Duration heartbeat;
    /** Virtual time from the beginning of the attempt; for the result of a deferral, from its last sign of life. */
    final Duration takes;

    final Usage usage;
    final boolean twice;
    final Beats beats;
    /** Of a deferral. */
    final Optional<Answer> result;

    private Answer(
            Kind kind,
            JsonNode output,
            Problem problem,
            Duration heartbeat,
            Duration takes,
            Usage usage,
            boolean twice,
            Beats beats,
            Optional<Answer> result) {
        this.kind = kind;
        this.output = output;
        this.problem = problem;
        this.heartbeat = heartbeat;
        this.takes = takes;
        this.usage = usage;
        this.twice = twice;
        this.beats = beats;
        this.result = result;
    }

    private static Answer plain(Kind kind, JsonNode output, Problem problem, Duration heartbeat) {
        return new Answer(
                kind, output, problem, heartbeat, Duration.ZERO, Usage.NONE, false, Beats.NONE, Optional.empty());
    }

    /** Success, at once. */
    public static Answer of(JsonNode output) {
        return plain(Kind.OUTPUT, Objects.requireNonNull(output), null, Duration.ZERO);
    }

    /** Success, at once. @param json see {@link Json#json} */
    public static Answer of(String json) {
        return of(Json.json(json));
    }

    /** The attempt fails with {@code problem}; whether there is another one follows from {@link Problem#retryable}. */
    public static Answer of(Problem problem) {
        return plain(Kind.PROBLEM, null, Objects.requireNonNull(problem), Duration.ZERO);
    }

    /** The attempt fails for good: SL4012 with status 422. */
    public static Answer fails(String detail) {
        return of(Problem.of(Code.SL4012, detail).status(422));
    }

    /** The attempt fails and may be tried again: SL4010, status 503. */
    public static Answer retryable(String detail) {
        return of(Problem.of(Code.SL4010, detail).retry());
    }

    /** The attempt fails and may be tried again, not before {@code wait} is over: SL5004, status 429. */
    public static Answer retryAfter(Duration wait) {
        return of(Problem.of(Code.SL5004, "asked to wait").retryAfter(wait));
    }

    /** A problem of a type of the function's own, as a {@code catch} may name it. @param status 100 to 599 */
    public static Answer problem(String type, int status, String title) {
        return of(new Problem(type, status, "", title, "", "", false, Duration.ZERO));
    }

    /**
     * The function answers that the result comes later: by {@link #then}, or by {@link VirtualSluice#result} with the
     * call.
     *
     * @param heartbeat longest silence after which the attempt counts as lost; zero: what the step's metadata say
     */
    public static Answer deferred(Duration heartbeat) {
        return plain(Kind.DEFERRED, null, null, heartbeat);
    }

    /**
     * The worker dies with the task: the attempt ends when its time has run out, {@code metadata.startToClose} or
     * {@link VirtualSluice#FUNCTION_TIMEOUT}.
     */
    public static Answer lost() {
        return plain(Kind.LOST, null, null, Duration.ZERO);
    }

    /** The same answer, so much virtual time later. After the attempt's time has run out it is a late result. */
    public Answer after(Duration time) {
        return new Answer(kind, output, problem, heartbeat, time, usage, twice, beats, result);
    }

    /** The same answer, and what models were paid for it. @param costMicros micro-dollars */
    public Answer costing(long inputTokens, long outputTokens, long costMicros) {
        return costing(new Usage(inputTokens, outputTokens, costMicros));
    }

    Answer costing(Usage used) {
        return new Answer(kind, output, problem, heartbeat, takes, used, twice, beats, result);
    }

    /** The same answer, delivered a second time. */
    public Answer twice() {
        return new Answer(kind, output, problem, heartbeat, takes, usage, true, beats, result);
    }

    /**
     * Of a deferral: it tells so often that it is alive.
     *
     * @throws IllegalStateException when this answer is no deferral
     */
    public Answer beating(Duration every, int times) {
        requireDeferral();
        return new Answer(kind, output, problem, heartbeat, takes, usage, twice, new Beats(every, times), result);
    }

    /**
     * Of a deferral: its result, after the heartbeats and {@code later.after(…)}.
     *
     * @throws IllegalStateException when this answer is no deferral
     */
    public Answer then(Answer later) {
        requireDeferral();
        return new Answer(kind, output, problem, heartbeat, takes, usage, twice, beats, Optional.of(later));
    }

    private void requireDeferral() {
        if (kind != Kind.DEFERRED) throw new IllegalStateException("only Answer.deferred has heartbeats and a result");
    }
}
