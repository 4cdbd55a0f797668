package dev.sluice.inference;

import java.time.Duration;
import java.time.Instant;

/**
 * How one process fares with an endpoint. An endpoint of whose answers one in five is an error is worth asking, and at
 * thousands of calls a second five in a row fail by chance all the time: so a failure counts for the breaker only as
 * the third in a row and when nothing has succeeded for a second.
 *
 * @param failures since the last success
 * @param succeededAt when that was; 1970: never
 */
record Streak(int failures, Instant succeededAt) {
    static final Streak NEW = new Streak(0, Instant.EPOCH);

    /** Three: with an error in five, of 1,000 calls 8 are the third failure in a row. */
    private static final int COUNTED_FROM = 3;

    private static final Duration QUIET_DURATION = Duration.ofSeconds(1);

    Streak failed() {
        return new Streak(failures + 1, succeededAt);
    }

    Streak succeeded(Instant at) {
        return new Streak(0, at);
    }

    boolean counts(Instant now) {
        return failures >= COUNTED_FROM && !now.isBefore(succeededAt.plus(QUIET_DURATION));
    }
}
