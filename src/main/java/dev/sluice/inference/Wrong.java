package dev.sluice.inference;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.util.Optional;

/** Settings of the inference layer that cannot be used, told as SL1007. Places are named below {@code PREFIX}. */
final class Wrong {
    static final String PREFIX = "sluice.inference.";

    private Wrong() {}

    static void unless(boolean holds, String place, String what) {
        if (!holds) throw setting(place, what);
    }

    /** @param hint follows "is not set" */
    static <T> T present(Optional<T> value, String place, String hint) {
        return value.orElseThrow(() -> setting(place, "is not set" + hint));
    }

    /** Without the slashes at its end. */
    static URI url(String text, String place) {
        String bare = text.strip().replaceAll("/+$", "");
        String what = "must be an http or https URL, such as http://localhost:8090/v1";
        unless(bare.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?"), place, what);
        try {
            return URI.create(bare);
        } catch (IllegalArgumentException notAUri) {
            throw setting(place, what);
        }
    }

    /** Micro-dollars; what is finer is rounded down: a budget is an upper bound. */
    static long micros(BigDecimal dollars, String place) {
        unless(dollars.signum() >= 0, place, "must not be negative");
        unless(dollars.compareTo(BigDecimal.valueOf(1_000_000_000)) <= 0, place, "must be at most 1,000,000,000");
        return dollars.movePointRight(6).setScale(0, RoundingMode.DOWN).longValueExact();
    }

    static ProblemException setting(String place, String what) {
        return Problem.of(Code.SL1007, PREFIX + place + " " + what + ".").asException();
    }
}
