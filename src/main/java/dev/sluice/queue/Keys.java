package dev.sluice.queue;

import dev.sluice.workflow.Topic;

/**
 * Every key and channel that Sluice uses in Redis. Keys of a partition carry its hash tag; the others are few, small
 * and never part of a commit.
 */
public final class Keys {
    /** Consumer group of the dispatchers on every lane. */
    public static final String GROUP = "dispatch";

    /** The consumer that has the tasks which were given back. */
    public static final String NOBODY = "nobody";

    /**
     * Channel of hints: {@code i <partition>} its inbox has something, {@code t <partition> <function>} a lane has,
     * {@code x <partition> <attempt>} nobody waits for the attempt, {@code d <partition> <ms since 1970>} a timer is
     * due.
     */
    public static final String HINTS = "sluice:hints";

    /** Channel of changed runs; a message is their ids, with spaces between. */
    public static final String CHANGES = "sluice:changes";

    /** Field of a run's hash that is there when the run has ended. Written only by {@code commit.lua}. */
    public static final String ENDED = "ended";

    /** Field of a run's hash that is there while the run is paused. Written only by {@code commit.lua}. */
    public static final String PAUSED = "paused";

    /** Field of a run's hash: how many visits of steps have begun. Written only by {@code commit.lua}. */
    public static final String VISITS = "visits";

    private Keys() {}

    /** Field of a run's hash: the state of a step under way. */
    public static String step(String key) {
        return "s:" + key;
    }

    /**
     * Field of a run's hash: where the task is that asks for this step, see {@link Place#text}. Written only by
     * {@code commit.lua}.
     */
    public static String task(String key) {
        return "t:" + key;
    }

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

    /** String: the key that signs links and tokens, 64 hex digits. */
    public static String signingKey() {
        return "sluice:signing-key";
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

    /** String: name of the orchestrator that had the partition last, or has it. */
    public static String lastOwner(Partition p) {
        return of(p, "last-owner");
    }

    /** Stream: events that the runs have yet to take in. Fields {@code run e d}. */
    public static String inbox(Partition p) {
        return of(p, "inbox");
    }

    /** Sorted set: due time in ms since 1970; a member is a run id, a line feed and the event. */
    public static String timers(Partition p) {
        return of(p, "timers");
    }

    /**
     * Sorted set: tasks that are with a dispatcher, by the ms since 1970 (of Redis' clock) at which its lease ends; a
     * member is {@link Place#text}. One that was given back counts from when it may be taken.
     */
    public static String inFlight(Partition p) {
        return of(p, "leases");
    }

    /** String: number of the partition's tasks, those that wait and those in flight. */
    public static String depth(Partition p) {
        return of(p, "depth");
    }

    /**
     * Sorted set: names of the dispatchers, by the ms since 1970 (of Redis' clock) until which each is known to live.
     */
    public static String dispatchers() {
        return "sluice:dispatchers";
    }

    /** String: fencing token of the dispatcher that takes the partition's tasks, with an expiry. */
    public static String dispatcher(Partition p) {
        return of(p, "dispatcher");
    }

    /** String: the highest fencing token given to a dispatcher. */
    public static String dispatchFence(Partition p) {
        return of(p, "dispatch-fence");
    }

    /** Hash: ids of dead letters to their records, and since when who redrives them: {@code letters, redrive.lua}. */
    public static String deadLetters(Partition p) {
        return of(p, "dead-letters");
    }

    /** Sorted set, all scores 0: facet, line feed, when the letter was written (15 digits), line feed, its id. */
    public static String deadIndex(Partition p) {
        return of(p, "dead-index");
    }

    /** Hash: facet of dead letters to how many have it. */
    public static String deadCounts(Partition p) {
        return of(p, "dead-counts");
    }

    /** Hash: id of a clearing to how many letters of the partition it has redriven or dropped. */
    public static String cleared(Partition p) {
        return of(p, "cleared");
    }

    /** Sorted set: ids of the clearings, by the ms since 1970 at which they were asked for. */
    public static String clearings() {
        return "sluice:clearings";
    }

    /** Set: ids of the clearings that go on. */
    public static String openClearings() {
        return "sluice:clearings-open";
    }

    /** Hash: all about one clearing, see {@code store.ClearingBook}. */
    public static String clearing(String id) {
        return "sluice:clearing:" + id;
    }

    /** String: the process that carries out clearings, with an expiry. */
    public static String clearingLease() {
        return "sluice:clearing-lease";
    }

    /**
     * Stream: tasks of one function, priority and tenant. Fields {@code run step attempt input at more}. Gone when it
     * has been empty for a while.
     */
    public static String lane(Partition p, LaneName name) {
        return of(p, "lane:" + name.text());
    }

    /** The lane of those who ask for nothing in particular. */
    public static String lane(Partition p, String function) {
        return lane(p, LaneName.of(function));
    }

    /** Set: names of the partition's lanes. */
    public static String lanes(Partition p) {
        return of(p, "lanes");
    }

    /**
     * Sorted set: tenants that have tasks of this function and priority which nobody has taken, by pass: tasks taken,
     * divided by weight. Written by {@code commit.lua} and {@code take.lua}.
     */
    public static String ready(Partition p, LaneName lane) {
        return of(p, "ready:" + lane.priority().word() + ":" + lane.function());
    }

    /** Sorted set: the same of tenants that have none at the moment, as long as they are ahead of the others. */
    public static String resting(Partition p, LaneName lane) {
        return of(p, "resting:" + lane.priority().word() + ":" + lane.function());
    }

    /** Sorted set: ids of the runs that have this status, by the ms since 1970 at which they were accepted. */
    public static String runs(Partition p, String status) {
        return of(p, "runs:" + status);
    }

    /** Hash: the run's head, input, context, output, problem, and one field for each step under way. */
    public static String run(Partition p, String runId) {
        return of(p, "run:", runId);
    }

    /** List: the run's history, one JSON object an entry. */
    public static String history(Partition p, String runId) {
        return of(p, "history:", runId);
    }

    /** List: the events that changed the run, in their order: the event, a line feed, its packed payload. */
    public static String transcript(Partition p, String runId) {
        return of(p, "transcript:", runId);
    }

    /** Hash: chunks of the loops under way, {@code <step>}, a line feed and the chunk's number to packed items. */
    public static String items(Partition p, String runId) {
        return of(p, "items:", runId);
    }

    /** List: events that wait until the run is resumed, as in the transcript. */
    public static String held(Partition p, String runId) {
        return of(p, "held:", runId);
    }

    /**
     * Hash: answers of models that were paid for in the run, who buys one at this moment, and places of lines in the
     * ledger. Written by {@code journal.lua}, {@code record.lua}, {@code forget.lua}.
     */
    public static String journal(Partition p, String runId) {
        return of(p, "journal:", runId);
    }

    /** List: what calls of models cost the run, one JSON object an exchange, see {@code inference.Ledger}. */
    public static String ledger(Partition p, String runId) {
        return of(p, "ledger:", runId);
    }

    /** Stream: what the partition's runs want of others. Fields {@code run kind a d}, see {@code store.Outbox}. */
    public static String outbox(Partition p) {
        return of(p, "outbox");
    }

    /** Stream: events on their way to the sink outside. Field {@code d}. */
    public static String sink(Partition p) {
        return of(p, "sink");
    }

    /** String: the dispatcher that sends the partition's events to the sink, with an expiry. */
    public static String sinkLease(Partition p) {
        return of(p, "sink-lease");
    }

    /** Set: a run id, a line feed and the key of a step that listens to this topic. */
    public static String subscribers(Partition p, Topic topic) {
        return of(p, "listen:" + Digest.of(topic.type() + "\n" + topic.from() + "\n" + topic.values()));
    }

    /** Hash: for an event type, what the listening steps correlate by ({@code Topic.from}) to how many do. */
    public static String correlations(Partition p, String type) {
        return of(p, "correlate:" + type);
    }

    /**
     * String that is there when an event of this source and id has come to the partition, or one of this name to a run;
     * with an expiry.
     */
    public static String seen(Partition p, String event) {
        return of(p, "seen:" + Digest.of(event));
    }

    /** Sorted set: ids of the runs with this search attribute, by the ms since 1970 at which they were accepted. */
    public static String attribute(Partition p, String name, String value) {
        return of(p, "attribute:" + Digest.of(name + "\n" + value));
    }

    /** Sorted set: a run id, a line feed and the key of a step that asks a person, by the ms since 1970 it did. */
    public static String approvals(Partition p) {
        return of(p, "approvals");
    }

    /** Hash: members of {@link #approvals} to the packed event that asks. */
    public static String approvalRequests(Partition p) {
        return of(p, "approval-requests");
    }

    /** Sorted set: ids of the runs that have ended, by the ms since 1970 at which they did. */
    public static String ended(Partition p) {
        return of(p, "ended");
    }

    /** String that is there while some dispatcher has had its turn at this duty; with an expiry. */
    public static String turn(String duty) {
        return "sluice:turn:" + duty;
    }

    /** String: how far a duty that walks over all runs has come; its own to read. */
    public static String cursor(String duty) {
        return "sluice:cursor:" + duty;
    }

    /** Hash: id of a run that nothing seems to wake to what is missing, see {@code store.Invariant}. */
    public static String sleepers() {
        return "sluice:sleepers";
    }

    /** String without meaning in the slot of {@code key}: Redis confirms from a connection's last write on. */
    static String confirmed(String key) {
        int from = key.indexOf('{');
        int to = key.indexOf('}', from + 1);
        return "sluice:{" + (from < 0 || to <= from + 1 ? key : key.substring(from + 1, to)) + "}:confirmed";
    }

    /** Sorted set: limits that somebody waits for, by the ms since 1970 at which they are to be looked at. */
    public static String limitsAwaited() {
        return "sluice:limits-awaited";
    }

    /** A key with a hash tag that is no partition's. */
    static String tagged(String tag, String name) {
        return "sluice:{" + tag + "}:" + name;
    }

    /** Without the partition, which the tag names: a million runs have a million names. */
    private static String of(Partition p, String name, String runId) {
        boolean isOfPartition =
                runId.startsWith(p.tag()) && runId.startsWith("-", p.tag().length());
        return of(p, isOfPartition ? name + runId.substring(p.tag().length() + 1) : name + runId);
    }

    private static String of(Partition p, String name) {
        return "sluice:{" + p.tag() + "}:" + name;
    }
}
