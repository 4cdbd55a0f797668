package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;

/**
 * Between what a window moves.
 *
 * @param min at least 1; the same as {@code max}: it does not move
 * @param max at most {@link #PLACES_MAX}
 * @param initial where it begins; beyond the others: at the nearer one
 */
record WindowBounds(int min, int max, int initial) {
    /** 4,096: each place holds a connection, an input and an answer in memory; more belong to another dispatcher. */
    static final int PLACES_MAX = 4_096;

    WindowBounds {
        if (min < 1 || max < min || max > PLACES_MAX || initial < 1) {
            throw Problem.of(
                            Code.SL1015,
                            "a window cannot have min " + min + ", max " + max + " and initial " + initial
                                    + "; 1 <= min <= max <= " + PLACES_MAX + " and 1 <= initial must hold")
                    .asException();
        }
    }

    /** A bound that a function sets moves the other one along when that one is set for all functions only. */
    static WindowBounds of(DispatchSettings.WindowSettings all, DispatchSettings.OwnWindow own) {
        int max = own.max().orElse(Math.max(all.max(), own.min().orElse(1)));
        int min = own.min().orElse(Math.min(all.min(), max));
        return new WindowBounds(min, max, own.initial().orElse(all.initial()));
    }

    static WindowBounds of(DispatchSettings.WindowSettings all) {
        return new WindowBounds(all.min(), all.max(), all.initial());
    }

    /** One that does not move. */
    static WindowBounds fixed(int places) {
        return new WindowBounds(places, places, places);
    }
}
