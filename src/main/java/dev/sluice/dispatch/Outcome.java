package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import java.time.Duration;
import java.util.Set;

/**
 * What the end of an attempt says about its function, for the function's {@link Window}.
 *
 * @param retryAfter how long the function asked to be left alone; zero when it did not
 */
record Outcome(Kind kind, Duration retryAfter) {
    enum Kind {
        /** The work was done, or taken on: how long it took counts. */
        ANSWERED,
        /** The function is there and failed: how long that took says nothing about its load. */
        FAILED,
        /**
         * It answered 429 or 503: it wants fewer. Not so when it answers 2xx with a problem that has such a status:
         * that is about one attempt, for example about the one API of many that the function {@code http} calls.
         */
        BUSY,
        /** No whole answer within the time of the attempt. */
        TIMED_OUT,
        /** No connection, or one that broke. */
        UNREACHABLE,
        /** Given up by the caller, or never sent: says nothing. */
        ABORTED
    }

    /** Refused, name unknown, TLS failed, broken off. */
    private static final Set<String> NO_CONNECTION =
            Set.of(Code.SL4010.name(), Code.SL4040.name(), Code.SL4041.name(), Code.SL4043.name());

    /** Too many requests, service unavailable. */
    private static final Set<Integer> BUSY = Set.of(429, 503);

    static final Outcome ANSWERED = new Outcome(Kind.ANSWERED, Duration.ZERO);
    static final Outcome FAILED = new Outcome(Kind.FAILED, Duration.ZERO);
    static final Outcome TIMED_OUT = new Outcome(Kind.TIMED_OUT, Duration.ZERO);
    static final Outcome UNREACHABLE = new Outcome(Kind.UNREACHABLE, Duration.ZERO);
    static final Outcome ABORTED = new Outcome(Kind.ABORTED, Duration.ZERO);

    static Outcome busy(Duration retryAfter) {
        return new Outcome(Kind.BUSY, retryAfter);
    }

    /** @param result what {@link FunctionCalls} made of the answer */
    static Outcome of(Event result) {
        return result instanceof Event.StepFailed failed ? of(failed.problem()) : ANSWERED;
    }

    private static Outcome of(Problem problem) {
        if (is(problem, Code.SL9001)) return ABORTED;
        if (is(problem, Code.SL4011)) return TIMED_OUT;
        // Not retryable: it is an answer, that there is no function of that name.
        if (NO_CONNECTION.contains(problem.code())) return problem.retryable() ? UNREACHABLE : FAILED;
        boolean busy = is(problem, Code.SL4012) && BUSY.contains(problem.status());
        return busy ? busy(problem.retryAfter()) : FAILED;
    }

    private static boolean is(Problem problem, Code code) {
        return problem.code().equals(code.name());
    }
}
