package dev.sluice.queue;

/**
 * Every key and channel that Sluice uses in Redis. Keys of a partition carry its hash tag; the others are few, small
 * and never part of a commit.
 */
public final class Keys {
    /** Consumer group of the dispatchers on every lane. */
    public static final String GROUP = "dispatch";

    /** Channel of hints: {@code i <partition>} its inbox has something, {@code t <partition> <function>} a lane has. */
    public static final String HINTS = "sluice:hints";

    /** Channel of changed runs; a message is what {@code store.RunCodec} writes as the run's head. */
    public static final String CHANGES = "sluice:changes";

    /** Field of a run's hash that is there when the run has ended. Written only by {@code commit.lua}. */
    public static final String ENDED = "ended";

    private Keys() {}

    /** Hash: {@code namespace.name} of every workflow to its latest revision. */
    public static String workflows() {
        return "sluice:deployed";
    }

    /** Set: the namespaces that have a workflow of this name. */
    public static String namespaces(String name) {
        return "sluice:namespaces:" + name;
    }

    /** Hash: revision to source text, of the workflows of this name in every namespace. */
    public static String revisions(String name) {
        return "sluice:workflow:" + name;
    }

    /** Hash: revision to the ms since 1970 of its first deployment, a space and its version. */
    public static String deployments(String qualifiedName) {
        return "sluice:deployments:" + qualifiedName;
    }

    /** Hash: {@code document.version} to the revision deployed last under it. */
    public static String versions(String qualifiedName) {
        return "sluice:versions:" + qualifiedName;
    }

    /** Set: names of all functions that any deployed workflow calls. */
    public static String functions() {
        return "sluice:functions";
    }

    /** Hash: workflow group to its number of partitions, fixed when the group is first used. */
    public static String groups() {
        return "sluice:groups";
    }

    /** String: fence of the orchestrator that owns the partition, with an expiry. */
    public static String owner(Partition p) {
        return of(p, "owner");
    }

    /** String: the highest fencing token given out. */
    public static String fence(Partition p) {
        return of(p, "fence");
    }

    /** Stream: events that the runs have yet to take in. Fields {@code run e d}. */
    public static String inbox(Partition p) {
        return of(p, "inbox");
    }

    /** Sorted set: due time in ms since 1970; a member is a run id, a line feed and the event. */
    public static String timers(Partition p) {
        return of(p, "timers");
    }

    /** Hash: {@code <run>|<step>|<attempt>} to the ms since 1970 at which a dispatcher took the task. */
    public static String inFlight(Partition p) {
        return of(p, "in-flight");
    }

    /** Stream: what could not be processed, with the reason. Never trimmed. */
    public static String dead(Partition p) {
        return of(p, "dead");
    }

    /** Stream: tasks of one function. Fields {@code run step attempt input at}. */
    public static String lane(Partition p, String function) {
        return of(p, "lane:" + function);
    }

    /** Sorted set: ids of the runs that have this status, by the ms since 1970 at which they were accepted. */
    public static String runs(Partition p, String status) {
        return of(p, "runs:" + status);
    }

    /** Hash: the run's head, input, context, output, problem, and one field for each step under way. */
    public static String run(Partition p, String runId) {
        return of(p, "run:" + runId);
    }

    /** List: the run's history, one JSON object an entry. */
    public static String history(Partition p, String runId) {
        return of(p, "history:" + runId);
    }

    private static String of(Partition p, String name) {
        return "sluice:{" + p.tag() + "}:" + name;
    }
}
