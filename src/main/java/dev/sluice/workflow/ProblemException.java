package dev.sluice.workflow;

import java.util.List;

/** Carries a {@link Problem} to the edge that can show it: the API, the step contract, the command line. */
public final class ProblemException extends RuntimeException {
    private final transient Problem problem;

    /** What model calls had used before the problem arose: it was paid for, so it is reported with the failure. */
    private final transient Usage usage;

    /** What was found in a workflow document, in its order; empty for every other problem. */
    private final transient List<Finding> findings;

    public ProblemException(Problem problem) {
        this(problem, Usage.NONE, null);
    }

    public ProblemException(Problem problem, Throwable cause) {
        this(problem, Usage.NONE, cause);
    }

    public ProblemException(Problem problem, Usage usage, Throwable cause) {
        this(problem, usage, List.of(), cause);
    }

    /** SL3001 or SL3002 with what was found. */
    ProblemException(Problem problem, List<Finding> findings) {
        this(problem, Usage.NONE, findings, null);
    }

    private ProblemException(Problem problem, Usage usage, List<Finding> findings, Throwable cause) {
        super(problem.oneLine(), cause);
        this.problem = problem;
        this.usage = usage;
        this.findings = findings;
    }

    public Problem problem() {
        return problem;
    }

    public Usage usage() {
        return usage;
    }

    public List<Finding> findings() {
        return findings;
    }
}
