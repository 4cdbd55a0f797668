package dev.sluice.inference;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The circuit breaker of one endpoint, pure. It opens after {@link #IN_A_ROW_MAX} failures in a row as one process sees
 * them, or {@link #IN_WINDOW_MAX} within {@link #WINDOW} over all processes, of those that count by {@link Streak}.
 * (Successes of others are not known: writing each would cost more than it tells.) It stays open for 5 s; then one
 * probe at a time is let through, which closes it or opens it for twice as long, up to a minute. Times are whole
 * milliseconds.
 */
sealed interface Breaker {
    /** Five: an endpoint that is down shows in as many; what is lost now and then does not make so many in a row. */
    int IN_A_ROW_MAX = 5;

    /** Ten within ten seconds: so often it fails for many processes at once, each of which sees few of them. */
    int IN_WINDOW_MAX = 10;

    Duration WINDOW = Duration.ofSeconds(10);

    Duration WAIT_MIN = Duration.ofSeconds(5);

    /** A minute: an endpoint that comes back is used again that soon. */
    Duration WAIT_MAX = Duration.ofMinutes(1);

    /** 30 s: a probe that says nothing for so long is somebody's who died, or as good as a failure. */
    Duration PROBE_LEASE = Duration.ofSeconds(30);

    /** While a probe is under way, others look again after this. */
    Duration LOOK_AGAIN = Duration.ofSeconds(1);

    Breaker FRESH = new Closed(List.of());

    /** When the endpoint may be asked; not after {@code now}: at once. */
    Instant closedUntil(Instant now);

    /** No answer, or 5xx. @param streak of the process, this failure included */
    Breaker failed(Streak streak, String process, Instant now);

    Breaker succeeded();

    /** As it is stored; {@code ""} for the one that nothing is known of. */
    String text();

    /** For log lines. */
    String word();

    /** @param failures that count, within the window, the oldest first */
    record Closed(List<Instant> failures) implements Breaker {
        public Closed {
            failures = List.copyOf(failures);
        }

        @Override
        public Instant closedUntil(Instant now) {
            return now;
        }

        @Override
        public Breaker failed(Streak streak, String process, Instant now) {
            if (!streak.counts(now)) return this;
            var recent = new ArrayList<Instant>();
            for (Instant each : failures) if (each.isAfter(now.minus(WINDOW))) recent.add(each);
            recent.add(now);
            boolean opens = streak.failures() >= IN_A_ROW_MAX || recent.size() >= IN_WINDOW_MAX;
            return opens ? new Open(now.plus(WAIT_MIN), WAIT_MIN) : new Closed(recent);
        }

        @Override
        public Breaker succeeded() {
            return this;
        }

        @Override
        public String text() {
            if (failures.isEmpty()) return "";
            return failures.stream()
                    .map(each -> String.valueOf(each.toEpochMilli()))
                    .collect(Collectors.joining(" ", "closed ", ""));
        }

        @Override
        public String word() {
            return "closed";
        }
    }

    /** @param pause how long it is open; the next time twice as long */
    record Open(Instant until, Duration pause) implements Breaker {
        /** Empty: not yet. @param holder {@code <process>.<number>}, of this probe alone */
        Optional<Probing> probe(String holder, Instant now) {
            return now.isBefore(until)
                    ? Optional.empty()
                    : Optional.of(new Probing(pause, now.plus(PROBE_LEASE), holder));
        }

        @Override
        public Instant closedUntil(Instant now) {
            return until;
        }

        /** Of a call that began before it opened. */
        @Override
        public Breaker failed(Streak streak, String process, Instant now) {
            return this;
        }

        /** Of a call that began before it opened. */
        @Override
        public Breaker succeeded() {
            return this;
        }

        @Override
        public String text() {
            return "open " + until.toEpochMilli() + " " + pause.toMillis();
        }

        @Override
        public String word() {
            return "open";
        }
    }

    /** Half open. @param until end of the probe's lease; @param holder who makes it, {@code <process>.<number>} */
    record Probing(Duration pause, Instant until, String holder) implements Breaker {
        /** Empty: somebody makes one. */
        Optional<Probing> probe(String other, Instant now) {
            return now.isBefore(until)
                    ? Optional.empty()
                    : Optional.of(new Probing(pause, now.plus(PROBE_LEASE), other));
        }

        @Override
        public Instant closedUntil(Instant now) {
            Instant again = now.plus(LOOK_AGAIN);
            return until.isBefore(again) ? until : again;
        }

        /** Only the one that makes the probe knows whether it failed; what others tell began before. */
        @Override
        public Breaker failed(Streak streak, String process, Instant now) {
            if (!holder.startsWith(process + ".")) return this;
            Duration longer = pause.multipliedBy(2);
            Duration next = longer.compareTo(WAIT_MAX) < 0 ? longer : WAIT_MAX;
            return new Open(now.plus(next), next);
        }

        @Override
        public Breaker succeeded() {
            return FRESH;
        }

        @Override
        public String text() {
            return "probing " + until.toEpochMilli() + " " + pause.toMillis() + " " + holder;
        }

        @Override
        public String word() {
            return "probing";
        }
    }

    /** Reads what {@link #text} wrote. */
    static Breaker of(String text) {
        if (text.isEmpty()) return FRESH;
        String[] words = text.split(" ");
        if (words[0].equals("closed")) {
            var failures = new ArrayList<Instant>();
            for (int i = 1; i < words.length; i++) failures.add(instant(words[i]));
            return new Closed(failures);
        }
        Duration pause = Duration.ofMillis(Long.parseLong(words[2]));
        return words[0].equals("open")
                ? new Open(instant(words[1]), pause)
                : new Probing(pause, instant(words[1]), words[3]);
    }

    private static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
