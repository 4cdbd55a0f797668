package dev.sluice.workflow;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Which of the tasks that wait for a function goes first. */
public enum Priority {
    HIGH,
    NORMAL,
    LOW;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** {@code high}, {@code normal} or {@code low}. */
    public String word() {
        return word;
    }

    /** Empty when it is not one of the three words. */
    public static Optional<Priority> of(String word) {
        return Arrays.stream(values()).filter(p -> p.word.equals(word)).findFirst();
    }
}
