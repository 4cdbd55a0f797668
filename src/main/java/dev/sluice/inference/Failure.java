package dev.sluice.inference;

import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.time.Duration;

/** Why one exchange brought no answer that can be used. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Trouble trouble;
    private final transient Problem problem;
    /** What the endpoint has been paid although its answer cannot be used; {@link Usage#NONE} until it is known. */
    private transient Usage paid = Usage.NONE;

    private boolean isPaid;
    private boolean mayBePaid;
    private boolean begun;

    Failure(Trouble trouble, Problem problem, Throwable cause) {
        super(problem.oneLine(), cause);
        this.trouble = trouble;
        this.problem = problem;
    }

    Failure(Trouble trouble, Problem problem) {
        this(trouble, problem, null);
    }

    Trouble trouble() {
        return trouble;
    }

    Problem problem() {
        return problem;
    }

    /** How long the endpoint asked to be left alone; zero when it said nothing. */
    Duration pause() {
        return problem.retryAfter();
    }

    /** The same, of an exchange that is written down with its costs. */
    Failure paid(Tokens tokens, long micros) {
        isPaid = true;
        paid = tokens.usage(micros);
        return this;
    }

    boolean isPaid() {
        return isPaid;
    }

    Usage usage() {
        return paid;
    }

    /** The same, of an exchange of which nobody knows whether the endpoint charges for it. */
    Failure perhapsPaid() {
        mayBePaid = true;
        return this;
    }

    boolean mayBePaid() {
        return mayBePaid;
    }

    /** The same, of a streamed answer of which the reader has a part: no other endpoint can go on with it. */
    Failure afterItBegan() {
        begun = true;
        return perhapsPaid();
    }

    boolean hasBegun() {
        return begun;
    }

    /** @param before what other exchanges of the same call were paid */
    ProblemException asException(Usage before) {
        return new ProblemException(problem, before.plus(paid), this);
    }
}
