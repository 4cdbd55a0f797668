package dev.sluice.workflow;

/** Carries a {@link Problem} to the edge that can show it: the API, the step contract, the command line. */
public final class ProblemException extends RuntimeException {
    private final transient Problem problem;

    /** What model calls had used before the problem arose: it was paid for, so it is reported with the failure. */
    private final transient Usage usage;

    public ProblemException(Problem problem) {
        this(problem, Usage.NONE, null);
    }

    public ProblemException(Problem problem, Throwable cause) {
        this(problem, Usage.NONE, cause);
    }

    public ProblemException(Problem problem, Usage usage, Throwable cause) {
        super(problem.oneLine(), cause);
        this.problem = problem;
        this.usage = usage;
    }

    public Problem problem() {
        return problem;
    }

    public Usage usage() {
        return usage;
    }
}
