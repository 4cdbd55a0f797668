package dev.sluice.workflow;

import java.time.Instant;
import java.util.Optional;

/**
 * One entering of a step: a step inside a loop is entered many times.
 *
 * @param pointer JSON pointer of the step's definition
 * @param parent key of the enclosing step's visit; empty for the workflow's own {@code do}
 * @param path which round of each enclosing loop, outermost first, for example {@code 7.0}; empty outside loops
 * @param resets how often the run had been reset before this visit
 * @param raw the input before {@code input.from}
 * @param input after it: what {@code $input} is
 * @param since when the step was entered
 * @param timeoutAt when {@code timeout.after} has run out
 */
public record Visit(
        String pointer,
        String parent,
        String path,
        int resets,
        Value raw,
        Value input,
        Instant since,
        Optional<Instant> timeoutAt) {

    /**
     * Names the visit in its run: the pointer, and {@code #} with the rounds when one of them is not the first. A
     * {@code #} in the pointer itself is written {@code ~2}, which no JSON pointer has.
     */
    public String key() {
        return key(pointer, path, resets);
    }

    static String key(String pointer, String path, int resets) {
        String rounds = path.matches("[0.]*") ? "" : path;
        String resetMark = resets == 0 ? "" : "!" + resets;
        String step = pointer.replace("#", "~2");
        return rounds.isEmpty() && resetMark.isEmpty() ? step : step + "#" + rounds + resetMark;
    }

    /** The JSON pointer that a key was made from. */
    public static String pointerOf(String key) {
        int cut = key.indexOf('#');
        return (cut < 0 ? key : key.substring(0, cut)).replace("~2", "#");
    }

    /**
     * The key that the same visit has in a run that was never reset. A fork counts as a reset, so what it repeats is
     * told by this from what its origin did.
     */
    public static String withoutResets(String key) {
        int mark = key.lastIndexOf('!');
        int rounds = key.indexOf('#');
        if (rounds < 0 || mark < rounds) return key;
        return key.substring(0, mark == rounds + 1 ? rounds : mark);
    }

    Visit transformed(Value to) {
        return new Visit(pointer, parent, path, resets, raw, to, since, timeoutAt);
    }

    Visit until(Instant timeout) {
        return new Visit(pointer, parent, path, resets, raw, input, since, Optional.of(timeout));
    }

    /** The same visit under the name that it has after a reset. */
    Visit renamed(int resets) {
        return new Visit(pointer, parent, path, resets, raw, input, since, timeoutAt);
    }
}
