package dev.sluice.dispatch;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Leases;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.store.Outbox;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryAfter;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Sends the events of runs to {@code sluice.events.sink}: each partition's in their order, by one dispatcher at a time,
 * each at least once. A sink that fails or is away is asked again without end; an event that it refuses goes to the
 * dead letters, so that those behind it go on.
 */
@ApplicationScoped
class Sink {
    private static final Logger LOG = Logger.getLogger(Sink.class);

    /** 20: events may be held in full, and one that fails makes those behind it wait in any case. */
    private static final int BATCH_MAX = 20;

    /**
     * @param lease after which another dispatcher takes over from one that was lost; longer than {@code answer}, so
     *     that it does not end while a request is under way
     * @param answer how long one request may take
     * @param waitMin before the second try; each further wait is twice as long
     * @param waitMax and none is longer than this
     */
    record Times(Duration lease, Duration answer, Duration waitMin, Duration waitMax) {
        static final Times DEFAULT = new Times(
                Duration.ofSeconds(45), Duration.ofSeconds(15), Duration.ofSeconds(1), Duration.ofSeconds(60));

        Duration waitAfter(int failures, Duration asked) {
            long doubled = waitMin.toMillis() << Math.min(failures - 1, 20);
            return Duration.ofMillis(Math.min(Math.max(doubled, asked.toMillis()), waitMax.toMillis()));
        }
    }

    private final Optional<URI> url;
    private final Outbox outbox;
    private final Leases leases;
    private final Partitions partitions;
    private final Http http;
    private final Counts counts;
    private final Clock clock;
    private final ExecutorService threads;
    private final Times times;
    private final String holder =
            "s-" + Long.toString(RandomGenerator.getDefault().nextLong() >>> 1, 36);
    private final Set<Partition> busy = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    @Inject
    Sink(
            @ConfigProperty(name = "sluice.events.sink") Optional<String> url,
            Outbox outbox,
            Leases leases,
            Partitions partitions,
            Http http,
            Counts counts,
            Clock clock,
            @VirtualThreads ExecutorService threads) {
        this(url, outbox, leases, partitions, http, counts, clock, threads, Times.DEFAULT);
    }

    Sink(
            Optional<String> url,
            Outbox outbox,
            Leases leases,
            Partitions partitions,
            Http http,
            Counts counts,
            Clock clock,
            ExecutorService threads,
            Times times) {
        this.url = url.filter(text -> !text.isBlank()).map(Sink::parse);
        this.outbox = outbox;
        this.leases = leases;
        this.partitions = partitions;
        this.http = http;
        this.counts = counts;
        this.clock = clock;
        this.threads = threads;
        this.times = times;
    }

    private static URI parse(String text) {
        try {
            URI uri = URI.create(text.strip());
            if (uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme())) return uri;
        } catch (IllegalArgumentException e) {
            // Said below, as for every other text that is no address.
        }
        throw Problem.of(Code.SL1007, "sluice.events.sink is '" + text + "'; it must be an http or https address")
                .asException();
    }

    /** Being made is the check: at the start, not at the first event. */
    void check() {
        LOG.debugf("events go to %s", url.map(URI::getHost).orElse("no sink"));
    }

    /** Sends what waits, if this process is the one that does. Blocks no longer than Redis takes to answer. */
    void sweep() {
        if (url.isEmpty() || stopped.isDone()) return;
        List<Partition> all = partitions.all();
        List<Integer> backlog = outbox.backlog(all);
        for (int i = 0; i < backlog.size(); i++) {
            Partition partition = all.get(i);
            if (backlog.get(i) > 0 && busy.add(partition)) threads.execute(() -> drain(partition));
        }
    }

    /** Begins nothing more; what is under way ends within the time that a request may take. */
    void stop() {
        stopped.complete(null);
    }

    private void drain(Partition partition) {
        try {
            if (!hold(partition)) return;
            try {
                sendAll(partition);
            } finally {
                leases.release(Keys.sinkLease(partition), holder);
            }
        } catch (RuntimeException e) {
            LOG.warnf("events of partition %s wait (%s); the sweep tries again", partition.tag(), e.getMessage());
        } finally {
            busy.remove(partition);
        }
    }

    private boolean hold(Partition partition) {
        return !stopped.isDone() && leases.hold(Keys.sinkLease(partition), holder, times.lease());
    }

    private void sendAll(Partition partition) {
        int failures = 0;
        while (hold(partition)) {
            List<Outbox.Outgoing> batch = outbox.outgoing(partition, BATCH_MAX);
            if (batch.isEmpty()) return;
            for (Outbox.Outgoing event : batch) {
                // Before each: no request may outlast the lease.
                if (!hold(partition)) return;
                Optional<Problem> failure = send(partition, event);
                failures = failure.isEmpty() ? 0 : failures + 1;
                if (failure.isPresent()) {
                    pause(partition, failure.get(), failures);
                    break;
                }
            }
        }
    }

    /** @return why it is to be tried again; empty when the event was sent or buried */
    private Optional<Problem> send(Partition partition, Outbox.Outgoing outgoing) {
        Optional<BinaryEvent> event = read(partition, outgoing);
        if (event.isEmpty()) return Optional.empty();
        try {
            post(event.get());
            outbox.sent(partition, outgoing.entryId());
            counts.toSink("sent");
        } catch (ProblemException e) {
            if (!e.problem().retryable()) {
                bury(partition, outgoing, e.problem().oneLine());
            } else {
                counts.toSink("failed");
                return Optional.of(e.problem());
            }
        }
        return Optional.empty();
    }

    /** Empty when nobody will ever be able to send it; then it was buried. */
    private Optional<BinaryEvent> read(Partition partition, Outbox.Outgoing outgoing) {
        try {
            return Optional.of(BinaryEvent.of(outbox.event(outgoing)));
        } catch (ProblemException e) {
            bury(partition, outgoing, e.problem().oneLine());
        } catch (IllegalStateException e) {
            bury(partition, outgoing, "the event cannot be read: " + e.getMessage());
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) throw e;
            bury(partition, outgoing, "the event is lost: " + e.getMessage());
        }
        return Optional.empty();
    }

    private void post(BinaryEvent event) {
        try (Http.Answer answer = http.post(url.orElseThrow(), event.headers(), event.body(), times.answer())) {
            if (answer.status() / 100 != 2) throw notTaken(answer);
        }
    }

    private ProblemException notTaken(Http.Answer answer) {
        int status = answer.status();
        Problem problem = Problem.of(Code.SL4025, "the event sink " + url.get().getHost() + " answered " + status);
        boolean refused = status / 100 == 4 && status != 408 && status != 429;
        Duration wait = RetryAfter.read(answer.headers().get("retry-after"), clock.instant());
        return (refused ? problem : problem.retryAfter(wait)).asException();
    }

    private void bury(Partition partition, Outbox.Outgoing event, String reason) {
        counts.toSink("refused");
        LOG.errorf("an event of partition %s goes to the dead letters: %s", partition.tag(), reason);
        outbox.bury(partition, event.entryId(), reason, clock.instant());
    }

    /** Keeps the lease meanwhile, so that all dispatchers together try no more often. */
    private void pause(Partition partition, Problem failure, int failures) {
        Duration wait = times.waitAfter(failures, failure.retryAfter());
        LOG.warnf(
                "events of partition %s wait, %d tries failed (%s); the next is in %d ms",
                partition.tag(), failures, failure.oneLine(), wait.toMillis());
        long until = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0 && hold(partition); left = until - System.nanoTime()) {
            await(Math.min(left, times.lease().toNanos() / 3));
        }
    }

    private void await(long nanos) {
        try {
            stopped.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // The wait is over.
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is completed in one place, with nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }
}
