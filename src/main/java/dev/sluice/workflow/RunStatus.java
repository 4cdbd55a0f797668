package dev.sluice.workflow;

/** The words that the API, the command line and the dashboard use for where a run or a step stands. */
public enum RunStatus {
    /** Accepted, not yet looked at. */
    QUEUED,
    /** At least one step is with a function or queued for one. */
    RUNNING,
    /** Every step under way waits for a timer. */
    WAITING,
    /** Stopped by a person. */
    PAUSED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Lower case, as it appears outside. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public static RunStatus of(String word) {
        return valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }

    /** True when nothing can change any more. */
    public boolean isFinal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING, WAITING, PAUSED -> false;
        };
    }
}
