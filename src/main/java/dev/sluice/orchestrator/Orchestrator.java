package dev.sluice.orchestrator;

import dev.sluice.queue.Inbox;
import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.store.Commit;
import dev.sluice.store.Commit.Outcome;
import dev.sluice.store.Commits;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.Subscriptions;
import dev.sluice.workflow.Run;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Drains a partition's inbox: load, advance, commit, until it is empty. */
@ApplicationScoped
public class Orchestrator {
    private static final Logger LOG = Logger.getLogger(Orchestrator.class);

    /** 128: enough to share round trips; few enough that a batch is committed well before the ownership ends. */
    private static final int BATCH_MAX = 128;

    /**
     * 1,000 batches: then the caller gets its answer and wakes the partition again, so that no request lasts for ever.
     */
    private static final int BATCHES_MAX = 1_000;

    private final Inbox inbox;
    private final Ownership ownership;
    private final Commits commits;
    private final Subscriptions subscriptions;
    private final Intake intake;
    private final Deliveries deliveries;
    private final Clock clock;
    private final Counter committed;
    /** Counts a dead letter. */
    private final Consumer<DeadLetter.Kind> written;

    /** Events of the next batch of a partition: halved when one failed, doubled when one succeeded, 1 to BATCH_MAX. */
    private final Map<Partition, Integer> batchSizes = new ConcurrentHashMap<>();

    Orchestrator(
            Inbox inbox,
            Ownership ownership,
            Commits commits,
            Subscriptions subscriptions,
            Intake intake,
            Deliveries deliveries,
            Clock clock,
            MeterRegistry metrics) {
        this.inbox = inbox;
        this.ownership = ownership;
        this.commits = commits;
        this.subscriptions = subscriptions;
        this.intake = intake;
        this.deliveries = deliveries;
        this.clock = clock;
        this.committed = Counter.builder("sluice.commits")
                .description("Transitions committed")
                .register(metrics);
        this.written = kind -> Counter.builder("sluice.dead.letters.written")
                .description("Runs that failed for good and entries that could not be processed")
                .tag("kind", kind.word())
                .register(metrics)
                .increment();
    }

    /** @return how many inbox entries were taken in; 0 also when another orchestrator has the partition */
    public int drain(Partition partition) {
        Optional<Ownership.Token> token = ownership.take(partition);
        if (token.isEmpty()) return 0;
        int taken = 0;
        boolean left = false;
        try {
            for (int batch = 0; batch < BATCHES_MAX && !left; batch++) {
                int size = batchSizes.getOrDefault(partition, BATCH_MAX);
                // Stays unless this batch succeeds: one that outlasts the ownership or the memory would never end.
                batchSizes.put(partition, Math.max(1, size / 2));
                List<InboxEntry> entries = inbox.read(partition, size);
                if (!entries.isEmpty() && !process(partition, token.get(), entries)) break;
                batchSizes.put(partition, Math.min(BATCH_MAX, size * 2));
                taken += entries.size();
                // With less than it could have been, this was all: unless something has come meanwhile.
                if (entries.size() == size) deliveries.deliver(partition);
                else left = leave(partition, token.get());
            }
        } finally {
            if (!left) ownership.release(partition, token.get());
        }
        return taken;
    }

    /**
     * @return false when there is more to do: inbox and outbox must be empty, since a hint comes only to an empty inbox
     */
    private boolean leave(Partition partition, Ownership.Token token) {
        Ownership.Rest rest = ownership.leave(partition, token);
        if (rest.outbox() > 0) deliveries.deliver(partition);
        return rest.isNothing();
    }

    /** @return false when the partition has got another owner */
    private boolean process(Partition partition, Ownership.Token token, List<InboxEntry> entries) {
        int from = 0;
        while (from < entries.size()) {
            InboxEntry first = entries.get(from);
            // An event for all who listen finds those that the entries before it have made listen.
            if (first.run().isEmpty()) {
                if (!route(partition, token, first)) return false;
                from++;
                continue;
            }
            int to = from;
            while (to < entries.size() && !entries.get(to).run().isEmpty()) to++;
            if (!commit(partition, token, entries.subList(from, to))) return false;
            from = to;
        }
        return true;
    }

    /** An event that cannot be read must not hold up those behind it: it goes to the dead letters. */
    private boolean route(Partition partition, Ownership.Token token, InboxEntry entry) {
        try {
            return subscriptions.route(partition, token, entry.entryId(), entry.data(), clock.instant());
        } catch (RuntimeException e) {
            if (Intake.mayPass(e)) throw e;
            bury(partition, entry, "it cannot be handed on: " + e);
            return true;
        }
    }

    private boolean commit(Partition partition, Ownership.Token token, List<InboxEntry> entries) {
        var byRun = new LinkedHashMap<String, List<InboxEntry>>();
        entries.forEach(
                e -> byRun.computeIfAbsent(e.run(), run -> new ArrayList<>()).add(e));
        Map<String, Run> loaded = load(partition, token, byRun);
        var made = new ArrayList<Commit>();
        byRun.forEach((runId, own) -> {
            Run run = loaded.get(runId);
            if (run == null) own.forEach(entry -> bury(partition, entry, "there is no run " + runId));
            else made.add(intake.take(run, own));
        });
        if (made.isEmpty()) return true;
        List<Outcome> outcomes = commits.commit(partition, token, made);
        committed.increment(outcomes.stream().filter(Outcome.COMMITTED::equals).count());
        for (int i = 0; i < made.size(); i++) {
            if (outcomes.get(i) != Outcome.COMMITTED) continue;
            made.get(i).letter().map(DeadLetter::kind).ifPresent(written);
        }
        return !outcomes.contains(Outcome.FENCED);
    }

    /** A run that cannot be read must not hold up the others: its events go to the dead letters. */
    private Map<String, Run> load(Partition partition, Ownership.Token token, Map<String, List<InboxEntry>> byRun) {
        try {
            return commits.load(partition, token, byRun.keySet());
        } catch (RuntimeException e) {
            LOG.debugf("partition=%s: %s; each run is loaded by itself", partition.tag(), e);
        }
        var loaded = new LinkedHashMap<String, Run>();
        for (var entry : Map.copyOf(byRun).entrySet()) {
            try {
                loaded.putAll(commits.load(partition, token, List.of(entry.getKey())));
            } catch (RuntimeException e) {
                if (Intake.mayPass(e)) throw e;
                LOG.errorf(e, "run=%s cannot be loaded", entry.getKey());
                entry.getValue().forEach(event -> bury(partition, event, "its run cannot be loaded: " + e));
                byRun.remove(entry.getKey());
            }
        }
        return loaded;
    }

    private void bury(Partition partition, InboxEntry entry, String reason) {
        LOG.warnf("partition=%s event=%s buried: %s", partition.tag(), entry.event(), reason);
        inbox.bury(partition, entry.entryId(), reason, clock.instant());
        written.accept(DeadLetter.Kind.ENTRY);
    }
}
