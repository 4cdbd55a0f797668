package dev.sluice.store;

import dev.sluice.workflow.Run;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Runs of one partition as the last commits left them, so that the next one need not read them. Harmless when it is
 * wrong: a commit is refused when the run has another version by now. A drain that outlasted its ownership may still be
 * at work when the next one begins: hence the locks.
 */
final class RunCache {
    /** 8 Mi characters: some thousand runs of a few steps. The one looked at longest ago goes first. */
    static final int CHARACTERS_MAX = 8 * 1024 * 1024;

    /** @param characters that were read or written of it since it was read; what it holds is less */
    private record Entry(Run run, long characters) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long characters;

    synchronized Optional<Run> get(String runId) {
        return Optional.ofNullable(entries.get(runId)).map(Entry::run);
    }

    /** @param more characters that were read or written for this version of it */
    synchronized void put(Run run, long more) {
        Entry before = entries.get(run.id());
        long sum = more + (before == null ? 0 : before.characters());
        forget(run.id());
        if (sum > CHARACTERS_MAX / 8) return;
        entries.put(run.id(), new Entry(run, sum));
        characters += sum;
        Iterator<Entry> oldest = entries.values().iterator();
        while (characters > CHARACTERS_MAX) {
            characters -= oldest.next().characters();
            oldest.remove();
        }
    }

    synchronized void forget(String runId) {
        Entry entry = entries.remove(runId);
        if (entry != null) characters -= entry.characters();
    }
}
