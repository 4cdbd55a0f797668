package dev.sluice.inference;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * Decides by {@link Breaker}; where its states are, and who else changes them, is for those who extend it to say.
 * States are texts by field: {@code e|<endpoint>} as {@link Breaker#text}, {@code q|<quota>} the ms since 1970 until
 * which the group rests.
 */
abstract sealed class SharedHealth implements Health permits LocalHealth, RedisHealth {
    private static final Logger LOG = Logger.getLogger(SharedHealth.class);

    /** Ten: so many others came first, each with a change of its own; the next failure will tell. */
    private static final int TRIES_MAX = 10;

    /** A day, as with every wait that somebody else asks for. */
    static final Duration REST_MAX = Duration.ofDays(1);

    private final Clock clock;
    private final String process;
    private final AtomicLong probes = new AtomicLong();
    /** By endpoint, of this process. */
    private final Map<String, Streak> streaks = new ConcurrentHashMap<>();

    /** @param process unique among all; no space and no dot */
    SharedHealth(Clock clock, String process) {
        this.clock = clock;
        this.process = process;
    }

    /** As far as it is known here. Never blocks. */
    abstract Map<String, String> known();

    /**
     * Puts {@code to} in the place of {@code from}. Empty: no such field. May block.
     *
     * @return false when it was not {@code from}; what it is can then be seen in {@link #known}
     */
    abstract boolean replace(String field, String from, String to);

    @Override
    public Optional<Instant> closedUntil(String endpoint, String quota) {
        Instant now = clock.instant();
        Map<String, String> known = known();
        Instant open = Breaker.of(known.getOrDefault(endpoint(endpoint), "")).closedUntil(now);
        Instant rest = Instant.ofEpochMilli(Long.parseLong(known.getOrDefault(quota(quota), "0")));
        Instant until = open.isAfter(rest) ? open : rest;
        return until.isAfter(now) ? Optional.of(until) : Optional.empty();
    }

    @Override
    public boolean enter(String endpoint) {
        for (int i = 0; i < TRIES_MAX; i++) {
            String from = known().getOrDefault(endpoint(endpoint), "");
            Breaker before = Breaker.of(from);
            Optional<Breaker.Probing> probe =
                    switch (before) {
                        case Breaker.Closed closed -> Optional.empty();
                        case Breaker.Open open -> open.probe(nextProbe(), clock.instant());
                        case Breaker.Probing probing -> probing.probe(nextProbe(), clock.instant());
                    };
            if (probe.isEmpty()) return before instanceof Breaker.Closed;
            if (replace(endpoint(endpoint), from, probe.get().text())) {
                log(endpoint, before, probe.get(), 0);
                return true;
            }
        }
        return false;
    }

    private String nextProbe() {
        return process + "." + probes.incrementAndGet();
    }

    @Override
    public void succeeded(String endpoint) {
        Instant now = clock.instant();
        streaks.compute(endpoint, (e, old) -> Streak.NEW.succeeded(now));
        change(endpoint, 0, Breaker::succeeded);
    }

    @Override
    public void failed(String endpoint) {
        Streak streak = streaks.compute(endpoint, (e, old) -> (old == null ? Streak.NEW : old).failed());
        change(endpoint, streak.failures(), before -> before.failed(streak, process, clock.instant()));
    }

    private void change(String endpoint, int failures, UnaryOperator<Breaker> decide) {
        for (int i = 0; i < TRIES_MAX; i++) {
            String from = known().getOrDefault(endpoint(endpoint), "");
            Breaker before = Breaker.of(from);
            Breaker after = decide.apply(before);
            if (after.equals(before)) return;
            if (replace(endpoint(endpoint), from, after.text())) {
                log(endpoint, before, after, failures);
                return;
            }
        }
    }

    private static void log(String endpoint, Breaker before, Breaker after, int failures) {
        if (before.word().equals(after.word())) return;
        LOG.infof("endpoint=%s breaker from=%s to=%s failures=%d", endpoint, before.word(), after.word(), failures);
    }

    @Override
    public void rest(String quota, Duration wait) {
        Duration bounded = wait.compareTo(REST_MAX) < 0 ? wait : REST_MAX;
        long until = clock.instant().plus(bounded).toEpochMilli();
        for (int i = 0; i < TRIES_MAX; i++) {
            String from = known().getOrDefault(quota(quota), "");
            if (!from.isEmpty() && Long.parseLong(from) >= until) return;
            if (replace(quota(quota), from, String.valueOf(until))) return;
        }
    }

    private static String endpoint(String name) {
        return "e|" + name;
    }

    private static String quota(String name) {
        return "q|" + name;
    }
}
