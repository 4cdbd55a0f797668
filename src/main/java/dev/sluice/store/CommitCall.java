package dev.sluice.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.LaneName;
import dev.sluice.queue.Partition;
import dev.sluice.workflow.Approval;
import dev.sluice.workflow.Budget;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Service;
import dev.sluice.workflow.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes one run's transition as operations of {@code commit.lua}. Effects that undo each other within the commit, a
 * timer set and cleared for example, are left out.
 */
final class CommitCall {
    /** 10 s: a timer that is due later is found by the sweep; what is late by a second of a minute is not late. */
    private static final Duration HINTED_WITHIN = Duration.ofSeconds(10);

    private final Partition p;
    private final Commit commit;
    private final RunCodec runs;
    private final EventCodec events;
    private final Payloads payloads;

    /** Member of the sorted set to its due time; empty: cleared. */
    private final Map<String, Optional<Instant>> timers = new LinkedHashMap<>();

    private final Map<String, Effect.EnqueueTask> tasks = new LinkedHashMap<>();
    private final List<String> hints = new ArrayList<>();
    private final Map<String, Optional<String>> items = new LinkedHashMap<>();
    private final List<String> loads = new ArrayList<>();
    private final List<String> deliveries = new ArrayList<>();

    /** True: subscribe, false: unsubscribe. */
    private final Map<Subscription, Boolean> subscriptions = new LinkedHashMap<>();

    /** Member of the index to the event that asks; empty: nobody is asked any more. */
    private final Map<String, Optional<ObjectNode>> approvals = new LinkedHashMap<>();

    private final List<OutboxEntry> outbox = new ArrayList<>();
    private boolean release;

    private record Subscription(String step, Topic topic) {}

    CommitCall(Partition p, Commit commit, RunCodec runs, EventCodec events, Payloads payloads) {
        this.p = p;
        this.commit = commit;
        this.runs = runs;
        this.events = events;
        this.payloads = payloads;
    }

    /** Adds the transition to the batch. */
    void write(CommitBatch batch) {
        Run before = commit.before();
        Run after = commit.after();
        commit.effects().forEach(this::sort);
        hintAtTimers();
        outbox.addAll(commit.outbox());
        batch.begin(
                after.id(),
                Keys.run(p, after.id()),
                before.version(),
                after.identity().acceptedAt().toEpochMilli(),
                commit.entries().stream().map(Commit.Taken::entryId).toList());
        batch.addOn("hold", Keys.held(p, after.id()), lines(Commit.Fate.HELD));
        hints.forEach(hint -> batch.add("hint", List.of(hint)));
        if (before != after) change(batch, before, after);
    }

    private void change(CommitBatch batch, Run before, Run after) {
        String run = after.id();
        if (release) batch.add("release", List.of(batch.key(Keys.held(p, run))));
        long visits = visits();
        if (visits > 0) batch.add("visits", List.of(String.valueOf(visits)));
        RunCodec.Delta delta = runs.delta(before, after);
        batch.add("set", delta.set());
        batch.add("unset", delta.removed());
        batch.addOn(
                "append",
                Keys.history(p, run),
                commit.history().stream().map(runs::encode).toList());
        batch.addOn("append", Keys.transcript(p, run), lines(Commit.Fate.RECORDED));
        batch.add("clear", timersCleared());
        batch.add("timers", timersSet());
        batch.add("tasks", taskArgs(batch));
        batch.addOn("keep", Keys.items(p, run), itemsKept());
        batch.addOn("drop", Keys.items(p, run), itemsDropped());
        batch.addOn("load", Keys.items(p, run), loads);
        batch.add("deliver", deliveries);
        batch.add("unsubscribe", subscriptionArgs(batch, false));
        batch.add("subscribe", subscriptionArgs(batch, true));
        batch.add("answered", approvalsGone());
        batch.add("asked", approvalsAsked());
        batch.add("outbox", outboxArgs());
        batch.add("letter", letter(batch));
        index(batch, before, after);
    }

    private void index(CommitBatch batch, Run before, Run after) {
        batch.add("leave", attributes(batch, before.attributes(), after.attributes()));
        batch.add("join", attributes(batch, after.attributes(), before.attributes()));
        if (before.status() != after.status()) {
            batch.add("leave", List.of(batch.key(Keys.runs(p, before.status().word()))));
            batch.add("join", List.of(batch.key(Keys.runs(p, after.status().word()))));
        }
        if (!before.status().isFinal() && !after.status().isFinal()) return;
        batch.add(
                "ended",
                List.of(RunHead.of(after)
                        .endedAt()
                        .filter(at -> after.status().isFinal())
                        .map(at -> String.valueOf(at.toEpochMilli()))
                        .orElse("")));
    }

    /** A visit is told of from the transition in which it began, and is among the run's steps from then to its end. */
    private long visits() {
        return commit.history().stream()
                .filter(HistoryEntry::isOfVisit)
                .map(HistoryEntry::step)
                .distinct()
                .filter(step -> !commit.before().steps().containsKey(step))
                .count();
    }

    private List<String> lines(Commit.Fate fate) {
        return commit.entries().stream()
                .filter(entry -> entry.fate() == fate)
                .map(Commit.Taken::line)
                .toList();
    }

    private void sort(Effect effect) {
        switch (effect) {
            case Effect.EnqueueTask task -> tasks.put(task.step() + "|" + task.attempt(), task);
            case Effect.AbortTask abort -> {
                // One that is not in its lane yet never gets there.
                if (tasks.remove(abort.step() + "|" + abort.attempt()) == null) {
                    hints.add(Hint.abort(p, commit.after().id(), abort.step(), abort.attempt()));
                }
            }
            case Effect.SetTimer timer -> timers.put(member(timer.event()), Optional.of(timer.dueAt()));
            case Effect.ClearTimer timer -> timers.put(member(timer.event()), Optional.empty());
            case Effect.Deliver deliver ->
                deliveries.add(events.encode(deliver.event()).event());
            case Effect.KeepItems keep -> keep(keep);
            case Effect.LoadItems load -> load(load);
            case Effect.DropItems drop -> {
                for (int chunk = 1; chunk < drop.chunks(); chunk++) {
                    items.put(field(drop.step(), chunk), Optional.empty());
                }
            }
            case Effect.Subscribe s ->
                s.topics().forEach(topic -> subscriptions.put(new Subscription(s.step(), topic), true));
            case Effect.Unsubscribe s -> unsubscribe(s);
            case Effect.EmitEvent emit -> emit(emit.event());
            case Effect.StartRun start -> outbox.add(start(start));
            case Effect.EndChild end ->
                outbox.add(new OutboxEntry(
                        OutboxEntry.Kind.END,
                        attempt(end.step(), end.attempt())
                                .put("policy", end.policy().name()),
                        dev.sluice.workflow.Value.NULL));
            case Effect.Hold hold -> {}
            case Effect.Release r -> release = true;
        }
    }

    private void unsubscribe(Effect.Unsubscribe s) {
        s.topics().forEach(topic -> subscriptions.put(new Subscription(s.step(), topic), false));
        approvals.put(Approvals.member(commit.after().id(), s.step()), Optional.empty());
    }

    private void emit(ObjectNode event) {
        outbox.add(OutboxEntry.emit(event));
        Approval.of(commit.after().id(), event)
                .ifPresent(asked -> approvals.put(Approvals.member(asked.run(), asked.step()), Optional.of(event)));
    }

    private static OutboxEntry start(Effect.StartRun start) {
        ObjectNode attributes = attempt(start.step(), start.attempt());
        attributes
                .put("namespace", start.namespace())
                .put("name", start.name())
                .put("version", start.version())
                .put("await", start.await());
        return new OutboxEntry(OutboxEntry.Kind.START, attributes, start.input());
    }

    private static ObjectNode attempt(String step, int attempt) {
        return JsonNodeFactory.instance.objectNode().put("step", step).put("attempt", attempt);
    }

    private String member(Event.TimerElapsed event) {
        return commit.after().id() + "\n" + events.encode(event).event();
    }

    /** The first chunk is in the state of the loop. */
    private void keep(Effect.KeepItems keep) {
        for (int i = 0; i < keep.chunks().size(); i++) {
            items.put(
                    field(keep.step(), i + 1),
                    Optional.of(payloads.pack(keep.chunks().get(i))));
        }
    }

    private void load(Effect.LoadItems load) {
        var event = new Event.ItemsLoaded(load.step(), load.chunk(), dev.sluice.workflow.Value.NULL, load.at());
        loads.add(field(load.step(), load.chunk()));
        loads.add(events.encode(event).event());
    }

    static String field(String step, int chunk) {
        return step + "\n" + chunk;
    }

    private List<String> timersCleared() {
        return timers.entrySet().stream()
                .filter(timer -> timer.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<String> timersSet() {
        var set = new ArrayList<String>();
        timers.forEach((member, dueAt) -> dueAt.ifPresent(at -> {
            set.add(String.valueOf(at.toEpochMilli()));
            set.add(member);
        }));
        return set;
    }

    private void hintAtTimers() {
        Instant soon = decidedAt().plus(HINTED_WITHIN);
        timers.values().stream()
                .flatMap(Optional::stream)
                .filter(at -> at.isBefore(soon))
                .min(Instant::compareTo)
                .ifPresent(at -> hints.add(Hint.due(p, at)));
    }

    private Instant decidedAt() {
        return commit.history().isEmpty()
                ? commit.after().identity().acceptedAt()
                : commit.history().getLast().at();
    }

    /** A failed run that was moved keeps its letter as it is, also when somebody has dropped it. */
    private List<String> letter(CommitBatch batch) {
        boolean goesOn = isFailed(commit.before()) && !isFailed(commit.after());
        if (commit.letter().isEmpty() && !goesOn) return List.of();
        return List.of(
                batch.key(Keys.deadLetters(p)),
                batch.key(Keys.deadIndex(p)),
                batch.key(Keys.deadCounts(p)),
                commit.letter().map(DeadLetter::encode).orElse(""));
    }

    private static boolean isFailed(Run run) {
        return run.status() == RunStatus.FAILED;
    }

    private List<String> itemsKept() {
        var kept = new ArrayList<String>();
        items.forEach((field, packed) -> packed.ifPresent(text -> kept.addAll(List.of(field, text))));
        return kept;
    }

    private List<String> itemsDropped() {
        return items.entrySet().stream()
                .filter(item -> item.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<String> taskArgs(CommitBatch batch) {
        String now = String.valueOf(decidedAt().toEpochMilli());
        Service service = commit.after().identity().service();
        var all = new ArrayList<String>();
        for (Effect.EnqueueTask task : tasks.values()) {
            var lane = new LaneName(service.priority(), service.tenant(), task.function());
            all.addAll(List.of(
                    batch.key(Keys.lane(p, lane)),
                    batch.pair(Keys.ready(p, lane), Keys.resting(p, lane)),
                    batch.pair(Keys.depth(p), Keys.lanes(p)),
                    lane.text(),
                    lane.tenant(),
                    Hint.task(p, task.function()),
                    task.step(),
                    String.valueOf(task.attempt()),
                    payloads.pack(task.arguments()),
                    now,
                    more(task)));
        }
        return all;
    }

    /** What {@code queue.TaskFields} reads. Short names, because every task has it. */
    private String more(Effect.EnqueueTask task) {
        Run.Identity identity = commit.after().identity();
        ObjectNode more = JsonNodeFactory.instance.objectNode();
        more.put("w", identity.qualifiedName());
        if (!identity.origin().isEmpty()) more.put("o", identity.origin());
        if (!task.budget().equals(Budget.NONE)) more.set("b", task.budget().toJson());
        if (!task.idempotencyKey().equals(commit.after().id() + ":" + task.step())) {
            more.put("key", task.idempotencyKey());
        }
        if (!task.limit().isZero()) more.put("limit", task.limit().toMillis());
        if (task.tellStart()) more.put("tell", true);
        identity.service()
                .limits()
                .forEach(limit ->
                        more.withArray("limits").addArray().add(limit.key()).add(limit.max()));
        return Json.text(more);
    }

    private List<String> subscriptionArgs(CommitBatch batch, boolean wanted) {
        var all = new ArrayList<String>();
        subscriptions.forEach((subscription, on) -> {
            if (on != wanted) return;
            all.add(batch.key(Keys.subscribers(p, subscription.topic())));
            all.add(batch.key(Keys.correlations(p, subscription.topic().type())));
            all.add(subscription.topic().from());
            all.add(commit.after().id() + "\n" + subscription.step());
        });
        return all;
    }

    private List<String> approvalsGone() {
        return approvals.entrySet().stream()
                .filter(approval -> approval.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<String> approvalsAsked() {
        var asked = new ArrayList<String>();
        approvals.forEach((member, event) -> event.ifPresent(e -> {
            Instant at = Instant.parse(e.path("time").asText());
            asked.addAll(List.of(String.valueOf(at.toEpochMilli()), member, payloads.pack(e)));
        }));
        return asked;
    }

    private List<String> outboxArgs() {
        var all = new ArrayList<String>();
        for (OutboxEntry entry : outbox) {
            all.addAll(List.of(entry.kind().name(), Json.text(entry.attributes()), payloads.pack(entry.data())));
        }
        return all;
    }

    /** The keys of the attributes that are in {@code these} and not the same in {@code those}. */
    private List<String> attributes(CommitBatch batch, Map<String, String> these, Map<String, String> those) {
        return these.entrySet().stream()
                .filter(attribute -> !attribute.getValue().equals(those.get(attribute.getKey())))
                .map(attribute -> batch.key(Keys.attribute(p, attribute.getKey(), attribute.getValue())))
                .toList();
    }
}
