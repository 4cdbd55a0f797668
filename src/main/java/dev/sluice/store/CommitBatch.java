package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys and arguments of one call of {@code commit.lua}: transitions of several runs of one partition. */
final class CommitBatch {
    /** 32 runs, or 2,000 arguments: some milliseconds in which Redis does nothing else. */
    private static final int RUNS_MAX = 32;

    private static final int ARGS_MAX = 2_000;

    /** Each key to its index, from 1: a script may touch only keys that it was given. */
    private final Map<String, Integer> keys = new LinkedHashMap<>();

    private final List<String> args = new ArrayList<>();
    private int runs;
    private int runAt;
    private int countAt;
    private int operations;

    CommitBatch(Partition p, long fencingToken) {
        List.of(
                        Keys.owner(p),
                        Keys.fence(p),
                        Keys.inbox(p),
                        Keys.timers(p),
                        Keys.outbox(p),
                        Keys.ended(p),
                        Keys.approvals(p),
                        Keys.approvalRequests(p))
                .forEach(this::key);
        args.add(String.valueOf(fencingToken));
        args.add(String.valueOf(Ownership.LASTS.toMillis()));
        args.add(Keys.CHANGES);
        args.add(Keys.HINTS);
    }

    /** Begins the part of one run; its operations follow. */
    void begin(String run, String key, long version, long acceptedAt, Collection<String> entries) {
        runs++;
        runAt = args.size();
        args.add(run);
        args.add(key(key));
        args.add(String.valueOf(version));
        args.add(String.valueOf(acceptedAt));
        args.add(String.valueOf(entries.size()));
        args.addAll(entries);
        countAt = args.size();
        operations = 0;
        args.add("0");
    }

    /** Adds an operation to the part of the run that was begun last, unless it has no arguments. */
    void add(String operation, List<String> arguments) {
        if (arguments.isEmpty()) return;
        args.add(operation);
        args.add(String.valueOf(arguments.size()));
        args.addAll(arguments);
        args.set(countAt, String.valueOf(++operations));
    }

    /** The same, on a key of its own. */
    void addOn(String operation, String key, List<String> arguments) {
        if (arguments.isEmpty()) return;
        var all = new ArrayList<String>(arguments.size() + 1);
        all.add(key(key));
        all.addAll(arguments);
        add(operation, all);
    }

    /** Index of the key, which the script gets if it did not have it. */
    String key(String name) {
        return String.valueOf(keys.computeIfAbsent(name, n -> keys.size() + 1));
    }

    /** Index of the first of two keys that are never given apart: the second one comes next. */
    String pair(String first, String second) {
        String index = key(first);
        key(second);
        return index;
    }

    /** All arguments of the run that was begun last. */
    List<String> lastRun() {
        return args.subList(runAt, args.size());
    }

    boolean isFull() {
        return runs >= RUNS_MAX || args.size() >= ARGS_MAX;
    }

    RedisLink.Call call() {
        return new RedisLink.Call(List.copyOf(keys.keySet()), args);
    }
}
