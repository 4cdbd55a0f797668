package dev.sluice.dispatch;

import dev.sluice.queue.Channels;
import dev.sluice.queue.Dispatchers;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Inbox;
import dev.sluice.queue.LaneSettings;
import dev.sluice.queue.LaneSweep;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.Place;
import dev.sluice.queue.TaskQueue;
import dev.sluice.queue.Turnstile;
import dev.sluice.queue.Turnstiles;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Runs;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Keeps the water flowing in its partitions: hints say where to look at once, the sweep looks everywhere. Sweeping
 * moves due timers, wakes the orchestrator for every inbox that is not empty, fills windows, keeps leases alive and
 * takes over what others left; events for the outside go their way, and attempts that nobody waits for are ended.
 */
@ApplicationScoped
public class Dispatcher {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);

    /** 20 ms: a wait is longer than it says by no more than this, and 10,000 timers a second take 50 looks. */
    private static final Duration DUE_TOGETHER = Duration.ofMillis(20);

    /** 10 s: lanes that are empty cost a look each sweep until then, and looking at all lanes costs more. */
    private static final Duration RECOUNT_INTERVAL = Duration.ofSeconds(10);

    private final DispatchSettings settings;
    private final Holdings holdings;
    private final Inbox inbox;
    private final LaneSweep sweep;
    private final Channels channels;
    private final Sink sink;
    private final ExecutorService threads;
    private final Clock clock;
    private final LaneTools tools;
    private final Waker waker;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(
            4, Thread.ofPlatform().daemon().name("sluice-sweep").factory());
    private volatile boolean stopping;
    /** Partition and time of the looks at timers that are to come. */
    private final Set<String> looks = ConcurrentHashMap.newKeySet();

    Dispatcher(
            DispatchSettings settings,
            LaneSettings lanes,
            Partitions partitions,
            Dispatchers dispatchers,
            Inbox inbox,
            TaskQueue tasks,
            LaneSweep sweep,
            Turnstiles turnstiles,
            Channels channels,
            Runs runs,
            EventCodec codec,
            FunctionCalls calls,
            Sink sink,
            Http http,
            Counts counts,
            Clock clock,
            @VirtualThreads ExecutorService threads) {
        this.settings = settings;
        this.inbox = inbox;
        this.sweep = sweep;
        this.channels = channels;
        this.sink = sink;
        this.threads = threads;
        this.clock = clock;
        // A name of its own for every start: what a former process left is told from what this one holds.
        String name = "d-" + Long.toString(RandomGenerator.getDefault().nextLong() >>> 1, 36);
        this.holdings = new Holdings(dispatchers, partitions::all, name, settings.partitionLease());
        var terms = new LaneTools.Terms(settings.lease(), settings.deliveriesMax(), lanes.tenantShare());
        this.tools =
                tools(tasks, runs, codec, calls, counts, terms, turnstiles.of(name, settings.lease(), clock), name);
        this.waker = new Waker(settings.orchestratorUrl(), http, threads, name);
    }

    private LaneTools tools(
            TaskQueue tasks,
            Runs runs,
            EventCodec codec,
            FunctionCalls calls,
            Counts counts,
            LaneTools.Terms terms,
            Turnstile gate,
            String name) {
        var settler = new Settler(tasks, threads);
        return new LaneTools(
                tasks,
                runs,
                codec,
                calls,
                threads,
                clock,
                name,
                counts,
                () -> stopping,
                holdings::token,
                terms,
                settler,
                gate);
    }

    /**
     * @throws dev.sluice.workflow.ProblemException SL1007 when the address of the sink is none, SL1015 to SL1017 as
     *     {@link FunctionTarget#check}
     */
    public void start() {
        sink.check();
        FunctionTarget.check(settings);
        channels.onHint(this::follow);
        long sweep = settings.sweepInterval().toMillis();
        long beat = settings.lease().toMillis() / 3;
        timer.scheduleWithFixedDelay(() -> quietly("renewal", this::renew), 0, sweep, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(() -> quietly("sweep", this::sweep), 0, sweep, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(() -> quietly("lease check", this::keepLeases), beat, beat, TimeUnit.MILLISECONDS);
        long recount = RECOUNT_INTERVAL.toMillis();
        timer.scheduleWithFixedDelay(() -> quietly("recount", this::recount), recount, recount, TimeUnit.MILLISECONDS);
        LOG.debugf("dispatcher %s started", tools.consumer());
    }

    /**
     * Takes no more tasks, leaves the partitions to others, and waits for what is in flight, at most {@code patience}.
     * What is left then is given back, and another takes it over at once.
     */
    public void stop(Duration patience) {
        stopping = true;
        quietly("giving back of partitions", holdings::giveBack);
        sink.stop();
        long until = System.nanoTime() + patience.toNanos();
        while (lanes.values().stream().anyMatch(lane -> lane.inFlight() > 0) && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        // Not before: what is still in flight keeps its lease by the timer, or another would do it a second time.
        timer.shutdown();
        lanes.forEach((function, lane) -> quietly("giving back of " + function, lane::giveBack));
    }

    /** On an event loop: must not block. */
    private void follow(Hint hint) {
        boolean abort = hint.kind() == Hint.Kind.ABORT;
        if (!abort && (stopping || !holdings.has(hint.partition()))) return;
        switch (hint.kind()) {
            case INBOX -> waker.wake(hint.partition());
            case TASK ->
                threads.execute(() -> quietly("hint", () -> lane(hint.name()).offer(hint.partition())));
            case DUE -> dueSoon(hint.partition(), Instant.ofEpochMilli(Long.parseLong(hint.name())));
            case ABORT -> lanes.values().forEach(lane -> lane.abort(hint.partition(), hint.name()));
        }
    }

    /** Many timers that are due at about the same time take one look. */
    private void dueSoon(Partition partition, Instant at) {
        long bucket = at.toEpochMilli() / DUE_TOGETHER.toMillis() + 1;
        if (!looks.add(partition.tag() + " " + bucket)) return;
        long delay = bucket * DUE_TOGETHER.toMillis() - clock.millis();
        Runnable look = () -> {
            looks.remove(partition.tag() + " " + bucket);
            quietly("timers", () -> tick(List.of(partition)));
            quietly("given back", () -> reclaim(sweep.look(List.of(partition)).expired()));
        };
        timer.schedule(() -> threads.execute(look), Math.max(0, delay), TimeUnit.MILLISECONDS);
    }

    private void tick(List<Partition> due) {
        List<Integer> lengths = inbox.tick(due, clock.instant());
        for (int i = 0; i < lengths.size(); i++) {
            if (lengths.get(i) > 0) waker.wake(due.get(i));
        }
    }

    private void sweep() {
        if (!stopping) sweep(holdings.all());
        if (!stopping) quietly("limits", tools.turnstile()::sweep);
        quietly("sink", sink::sweep);
    }

    private void sweep(List<Partition> own) {
        tick(own);
        LaneSweep.Look look = sweep.look(own);
        // Each by itself: a function that cannot be delivered to must not keep those after it from their turn.
        for (Partition partition : own) {
            look.functions(partition)
                    .forEach(function ->
                            quietly("lane " + function, () -> lane(function).offer(partition)));
        }
        reclaim(look.expired());
    }

    /** What is new is looked at at once. */
    private void renew() {
        if (stopping) return;
        List<Partition> gained = holdings.renew();
        if (!gained.isEmpty()) sweep(gained);
    }

    private void keepLeases() {
        lanes.forEach((function, lane) -> quietly("heartbeat of " + function, lane::heartbeat));
    }

    private void recount() {
        if (!stopping) sweep.recount(holdings.all());
    }

    private void reclaim(List<Place> expired) {
        if (stopping) return;
        var byFunction = new HashMap<String, List<Place>>();
        for (Place place : expired) {
            byFunction
                    .computeIfAbsent(place.lane().function(), f -> new ArrayList<>())
                    .add(place);
        }
        byFunction.forEach((function, places) ->
                quietly("reclaiming of " + function, () -> lane(function).reclaim(places)));
    }

    private Lane lane(String function) {
        return lanes.computeIfAbsent(function, name -> {
            var lane = new Lane(FunctionTarget.of(name, settings), tools);
            tools.counts().gauge(name, lane);
            return lane;
        });
    }

    /** A duty that fails is tried again at its next turn; nothing may end the schedule, not even a lack of memory. */
    private static void quietly(String duty, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.warnf("%s failed (%s); it is tried again", duty, e.getMessage() == null ? e : e.getMessage());
        }
    }
}
