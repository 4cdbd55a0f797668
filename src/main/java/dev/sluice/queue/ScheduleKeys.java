package dev.sluice.queue;

/** The keys of schedules, and of events that wait until there are enough of them to start a run. */
public final class ScheduleKeys {
    private ScheduleKeys() {}

    /** Hash: qualified name of each workflow that has a schedule to the schedule (JSON). */
    public static String schedules() {
        return scheduling("all");
    }

    /** Sorted set: {@code <kind> <workflow>} by the ms since 1970 at which the next run is due. */
    public static String schedulesDue() {
        return scheduling("due");
    }

    /** Sorted set: the same, of workflows whose schedule is paused. */
    public static String schedulesParked() {
        return scheduling("parked");
    }

    /** Hash: workflow to the ms since 1970 since when its schedule is paused. */
    public static String schedulesPaused() {
        return scheduling("paused");
    }

    /** Hash: {@code after <workflow>} to the id of the run after whose end the next one is due. */
    public static String chains() {
        return scheduling("chains");
    }

    /** Hash: {@code <kind> <workflow>} to the run that was started last and when (JSON). */
    public static String schedulesLast() {
        return scheduling("last");
    }

    /** Hash: workflow that events start to its revision. */
    public static String schedulesListening() {
        return scheduling("listening");
    }

    /** Hash: correlation values (JSON) to the sets of events that make no run yet. */
    public static String collected(String workflow) {
        return scheduling("collected:" + workflow);
    }

    /** Hash: name of each set of events that is complete to the set and its workflow; gone when its run is there. */
    public static String complete() {
        return scheduling("complete");
    }

    /** String that is there when an event has counted for a workflow; with an expiry. */
    public static String counted(String workflow, String event) {
        return scheduling("counted:" + Digest.of(workflow + "\n" + event));
    }

    private static String scheduling(String name) {
        return Keys.tagged("schedules", name);
    }
}
