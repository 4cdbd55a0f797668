package dev.sluice.store;

import dev.sluice.store.DeadLetter.Kind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Forgets dead letters whose time is over, and tells how many there are. The letter of a run goes with its run at the
 * latest.
 */
@ApplicationScoped
public class LetterRetention {
    /** 2,000 letters a turn, some 500 ms. */
    private static final int PAGES_MAX = 20;

    private static final int PAGE = 100;

    private final DeadLetters letters;
    private final Redriver redriver;
    private final Clock clock;
    private final Optional<Duration> all;
    private final Duration entries;
    private final Map<Kind, AtomicLong> counts = new EnumMap<>(Kind.class);

    /**
     * @param all {@code sluice.retention.dead-letters}: of every kind; empty: those of runs stay as long as these
     * @param failed {@code sluice.retention.failed}: without {@code all}, of entries, which have no run to go with
     */
    LetterRetention(
            DeadLetters letters,
            Redriver redriver,
            Clock clock,
            MeterRegistry metrics,
            @ConfigProperty(name = "sluice.retention.dead-letters") Optional<Duration> all,
            @ConfigProperty(name = "sluice.retention.failed", defaultValue = "P90D") Duration failed) {
        this.letters = letters;
        this.redriver = redriver;
        this.clock = clock;
        this.all = all;
        this.entries = all.orElse(failed);
        for (Kind kind : Kind.values()) {
            var count = new AtomicLong();
            counts.put(kind, count);
            Gauge.builder("sluice.dead.letters", count, AtomicLong::get)
                    .description("Dead letters that wait for a redrive or a drop")
                    .tag("kind", kind.word())
                    .register(metrics);
        }
    }

    /** Brings the gauges up to date. */
    public void refresh() {
        Map<String, Long> kinds = letters.counts().getOrDefault("kind", Map.of());
        counts.forEach((kind, count) -> count.set(kinds.getOrDefault(kind.word(), 0L)));
    }

    public void step() {
        Instant now = clock.instant();
        forget(LetterQuery.ANY.ofKind(Kind.ENTRY).before(now.minus(entries)));
        all.ifPresent(kept -> forget(LetterQuery.ANY.before(now.minus(kept))));
    }

    private void forget(LetterQuery query) {
        Optional<String> cursor = Optional.empty();
        for (int i = 0; i < PAGES_MAX; i++) {
            DeadLetters.Page page = letters.oldest(query, cursor, PAGE);
            page.letters().forEach(redriver::forget);
            cursor = page.next();
            if (cursor.isEmpty()) return;
        }
    }
}
