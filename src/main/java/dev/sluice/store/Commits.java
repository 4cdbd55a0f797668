package dev.sluice.store;

import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.Script;
import dev.sluice.store.Commit.Outcome;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** What the owner of a partition reads and writes of its runs. */
@ApplicationScoped
public class Commits {
    private static final Logger LOG = Logger.getLogger(Commits.class);

    /** In a packed value: its content is large and may be held by the run, whatever the text's length. */
    private static final String REFERENCE = "@sha256-";

    private final RedisLink redis;
    private final Runs runs;
    private final RunCodec codec;
    private final EventCodec events;
    private final Payloads payloads;
    private final Map<Partition, Known> caches = new ConcurrentHashMap<>();

    /** @param token of the ownership under which they were read or written last */
    private record Known(long token, RunCache runs) {}

    Commits(RedisLink redis, Runs runs, RunCodec codec, EventCodec events, Payloads payloads) {
        this.redis = redis;
        this.runs = runs;
        this.codec = codec;
        this.events = events;
        this.payloads = payloads;
    }

    /**
     * The runs that exist, by id. A run may be as this process left it while another has changed it since: then its
     * commit is {@link Outcome#STALE}, and it is read anew the next time.
     */
    public Map<String, Run> load(Partition partition, Ownership.Token token, Collection<String> runIds) {
        RunCache cache = cache(partition, token);
        var known = new LinkedHashMap<String, Run>();
        var unknown = new ArrayList<String>();
        for (String id : runIds) {
            cache.get(id).ifPresentOrElse(run -> known.put(id, run), () -> unknown.add(id));
        }
        if (!unknown.isEmpty()) known.putAll(runs.load(partition, unknown));
        return known;
    }

    /** What another owner has written in between is not known here. */
    private RunCache cache(Partition partition, Ownership.Token token) {
        return caches.compute(
                        partition,
                        (p, known) -> known != null && (known.token() == token.value() || token.again())
                                ? new Known(token.value(), known.runs())
                                : new Known(token.value(), new RunCache()))
                .runs();
    }

    /**
     * Commits each run by itself: all of it or nothing.
     *
     * @return what became of each; all {@code FENCED} from the first one on for which the partition had another owner
     */
    public List<Outcome> commit(Partition partition, Ownership.Token token, List<Commit> commits) {
        var sizes = new ArrayList<Long>(commits.size());
        var outcomes = new ArrayList<Outcome>(commits.size());
        for (Response reply : redis.runAll(Script.COMMIT, calls(partition, token, commits, sizes))) {
            if (reply.type() == ResponseType.NUMBER) break;
            for (Response outcome : reply) outcomes.add(outcome(outcome.toInteger()));
        }
        while (outcomes.size() < commits.size()) outcomes.add(Outcome.FENCED);
        RunCache cache = cache(partition, token);
        for (int i = 0; i < commits.size(); i++) {
            Run after = commits.get(i).after();
            boolean isKept =
                    outcomes.get(i) == Outcome.COMMITTED && !after.status().isFinal() && sizes.get(i) >= 0;
            if (isKept) cache.put(after, sizes.get(i));
            else cache.forget(after.id());
            if (outcomes.get(i) == Outcome.COMMITTED) log(commits.get(i));
        }
        return outcomes;
    }

    /** @param sizes gets the characters of each commit, -1 for one with content that is stored apart */
    private List<RedisLink.Call> calls(
            Partition partition, Ownership.Token token, List<Commit> commits, List<Long> sizes) {
        var batches = new ArrayList<CommitBatch>();
        for (Commit commit : commits) {
            if (batches.isEmpty() || batches.getLast().isFull()) {
                batches.add(new CommitBatch(partition, token.value()));
            }
            CommitBatch batch = batches.getLast();
            new CommitCall(partition, commit, codec, events, payloads).write(batch);
            sizes.add(size(batch.lastRun()));
        }
        return batches.stream().map(CommitBatch::call).toList();
    }

    private static long size(List<String> args) {
        long size = 0;
        for (String arg : args) {
            if (arg.contains(REFERENCE)) return -1;
            size += arg.length();
        }
        return size;
    }

    private static Outcome outcome(int reply) {
        return switch (reply) {
            case 1 -> Outcome.COMMITTED;
            case 0 -> Outcome.TAKEN_BEFORE;
            case -2 -> Outcome.STALE;
            default -> throw new IllegalStateException("commit.lua does not answer " + reply);
        };
    }

    private static void log(Commit commit) {
        if (!LOG.isDebugEnabled()) return;
        Run after = commit.after();
        if (commit.before() == after) {
            LOG.debugf("run=%s unchanged by a late or repeated event", after.id());
            return;
        }
        LOG.debugf(
                "run=%s from=%s to=%s version=%d",
                after.id(), commit.before().status().word(), after.status().word(), after.version());
        for (HistoryEntry entry : commit.history()) {
            LOG.debugf("run=%s step=%s %s attempt=%d", after.id(), entry.step(), entry.kind(), entry.attempt());
        }
    }
}
