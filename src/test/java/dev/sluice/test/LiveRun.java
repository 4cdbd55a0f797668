package dev.sluice.test;

import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a server keeps of a run. */
final class LiveRun {
    /** A run that started this one. @param attempt of the step; @param await whether it waits for the end */
    record StartedBy(LiveRun parent, String step, int attempt, boolean await) {}

    /** A task without a result. @param at when it may be delivered */
    record Pending(Instant at, Runnable delivery) {}

    Definition definition;
    Run run;
    /** Null: no run did. */
    final StartedBy startedBy;

    final List<HistoryEntry> history = new ArrayList<>();
    /** As it was accepted, and what it took in since. */
    final Run accepted;

    final List<Event> transcript = new ArrayList<>();
    final List<Event> held = new ArrayList<>();
    final Map<String, List<Value>> items = new HashMap<>();
    /** By step and attempt. */
    final Map<String, LiveRun> children = new LinkedHashMap<>();
    /** Tasks without a result, for delivery after a crash. */
    final Map<Call.Id, Pending> tasks = new LinkedHashMap<>();
    /** The last one that may come again. */
    Event late;

    LiveRun(Definition definition, Run accepted, StartedBy startedBy) {
        this.definition = definition;
        this.startedBy = startedBy;
        this.accepted = accepted;
        this.run = accepted;
    }

    /** The transcript of a fork begins with what led the other run there. @param events how many those are */
    LiveRun(LiveRun source, int events, Run run, Event.ResetRequested fork) {
        this.definition = source.definition;
        this.startedBy = null;
        this.accepted = source.accepted;
        this.run = run;
        transcript.addAll(source.transcript.subList(0, events));
        transcript.add(fork);
    }

    String id() {
        return run.id();
    }

    boolean hasEnded() {
        return run.status().isFinal();
    }
}
