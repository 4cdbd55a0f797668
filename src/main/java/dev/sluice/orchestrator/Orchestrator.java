package dev.sluice.orchestrator;

import dev.sluice.queue.Inbox;
import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisRefused;
import dev.sluice.store.Definitions;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Runs;
import dev.sluice.store.Runs.Commit;
import dev.sluice.store.Runs.Outcome;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Transition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
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
    private final Runs runs;
    private final Definitions definitions;
    private final EventCodec codec;
    private final Clock clock;
    private final Machine machine = new Machine(RetryPolicy.DEFAULT);
    private final Counter committed;
    private final Counter buried;
    /** Events of the next batch of a partition: halved when one failed, doubled when one succeeded, 1 to BATCH_MAX. */
    private final Map<Partition, Integer> batchSizes = new ConcurrentHashMap<>();

    Orchestrator(
            Inbox inbox,
            Ownership ownership,
            Runs runs,
            Definitions definitions,
            EventCodec codec,
            Clock clock,
            MeterRegistry metrics) {
        this.inbox = inbox;
        this.ownership = ownership;
        this.runs = runs;
        this.definitions = definitions;
        this.codec = codec;
        this.clock = clock;
        this.committed = Counter.builder("sluice.commits")
                .description("Transitions committed")
                .register(metrics);
        this.buried = Counter.builder("sluice.dead.letters")
                .description("Inbox entries that could not be processed")
                .register(metrics);
    }

    /** @return how many inbox entries were taken in; 0 also when another orchestrator has the partition */
    public int drain(Partition partition) {
        OptionalLong token = ownership.take(partition);
        if (token.isEmpty()) return 0;
        int taken = 0;
        try {
            for (int batch = 0; batch < BATCHES_MAX; batch++) {
                int size = batchSizes.getOrDefault(partition, BATCH_MAX);
                // Stays unless this batch succeeds: one that outlasts the ownership or the memory would never end.
                batchSizes.put(partition, Math.max(1, size / 2));
                List<InboxEntry> entries = inbox.read(partition, size);
                if (!entries.isEmpty() && !process(partition, token.getAsLong(), entries)) break;
                batchSizes.put(partition, Math.min(BATCH_MAX, size * 2));
                if (entries.isEmpty()) break;
                taken += entries.size();
            }
        } finally {
            ownership.release(partition, token.getAsLong());
        }
        return taken;
    }

    /** @return false when the partition has got another owner */
    private boolean process(Partition partition, long token, List<InboxEntry> entries) {
        var byRun = new LinkedHashMap<String, List<InboxEntry>>();
        entries.forEach(
                e -> byRun.computeIfAbsent(e.run(), run -> new ArrayList<>()).add(e));
        Map<String, Run> loaded = load(partition, byRun);
        var commits = new ArrayList<Commit>();
        byRun.forEach((runId, own) -> {
            Run run = loaded.get(runId);
            if (run == null) own.forEach(entry -> bury(partition, entry, "there is no run " + runId));
            else commits.add(takeIn(run, own));
        });
        if (commits.isEmpty()) return true;
        List<Outcome> outcomes = runs.commit(partition, token, commits);
        committed.increment(outcomes.stream().filter(Outcome.COMMITTED::equals).count());
        return !outcomes.contains(Outcome.FENCED);
    }

    /** A run that cannot be read must not hold up the others: its events go to the dead letters. */
    private Map<String, Run> load(Partition partition, Map<String, List<InboxEntry>> byRun) {
        try {
            return runs.load(partition, byRun.keySet());
        } catch (RuntimeException e) {
            LOG.debugf("partition=%s: %s; each run is loaded by itself", partition.tag(), e);
        }
        var loaded = new LinkedHashMap<String, Run>();
        for (var entry : Map.copyOf(byRun).entrySet()) {
            try {
                loaded.putAll(runs.load(partition, List.of(entry.getKey())));
            } catch (RuntimeException e) {
                if (mayPass(e)) throw e;
                LOG.errorf(e, "run=%s cannot be loaded", entry.getKey());
                entry.getValue().forEach(event -> bury(partition, event, "its run cannot be loaded: " + e));
                byRun.remove(entry.getKey());
            }
        }
        return loaded;
    }

    /** True for what is no fault of the run: then the events stay, and the next sweep tries again. */
    private static boolean mayPass(RuntimeException e) {
        return switch (e) {
            case ProblemException p -> p.problem().retryable();
            case RedisRefused refused -> true;
            case UncheckedIOException io -> !(io.getCause() instanceof NoSuchFileException);
            default -> false;
        };
    }

    private Commit takeIn(Run before, List<InboxEntry> entries) {
        var effects = new ArrayList<Effect>();
        var history = new ArrayList<HistoryEntry>();
        var entryIds = new ArrayList<String>();
        Run run = before;
        for (InboxEntry entry : entries) {
            Transition transition = advance(run, entry);
            run = transition.run();
            effects.addAll(transition.effects());
            history.addAll(transition.history());
            entryIds.add(entry.entryId());
        }
        // What ended needs no task and no timer any more.
        return new Commit(before, run, run.status().isFinal() ? List.of() : effects, history, entryIds);
    }

    /** A defect must neither stop the partition nor hide the run: the run fails with what happened. */
    private Transition advance(Run run, InboxEntry entry) {
        try {
            Definition definition = definitions.revision(run.workflow(), run.revision());
            return machine.advance(definition, run, event(entry));
        } catch (RuntimeException e) {
            if (mayPass(e)) throw e;
            LOG.errorf(e, "run=%s event=%s cannot be taken in; the run fails", run.id(), entry.event());
            Problem problem = Problem.of(
                    Code.SL9001,
                    "the orchestrator could not take in " + entry.event() + ": " + e
                            + ". Please report it, with the log of this moment.");
            return machine.abort(run, problem, clock.instant());
        }
    }

    /** A start happens when it is taken in: until then the run is queued. */
    private Event event(InboxEntry entry) {
        Event event = codec.decode(entry.event(), entry.data());
        return event instanceof Event.RunStarted ? new Event.RunStarted(clock.instant()) : event;
    }

    private void bury(Partition partition, InboxEntry entry, String reason) {
        LOG.warnf("partition=%s event=%s buried: %s", partition.tag(), entry.event(), reason);
        inbox.bury(partition, entry.entryId(), reason, clock.instant());
        buried.increment();
    }
}
