package dev.sluice.inference;

import java.util.Optional;
import java.util.regex.Pattern;

/** An endpoint's key. Nothing prints it: {@link #toString} is a constant, and {@link #scrub} takes it out of texts. */
final class Key {
    /** What looks like a key or a part of one, as endpoints echo it: {@code sk-proj-ab***yz}, {@code Bearer abc}. */
    private static final Pattern LOOKS_LIKE_A_KEY =
            Pattern.compile("\\b(?:sk|pk|key|api)[-_][A-Za-z0-9*._-]{4,}|(?i:bearer)\\s+\\S{4,}");

    /** Six: a shorter piece of a key is no secret and may be part of a word. */
    private static final int PIECE_LENGTH_MIN = 6;

    private static final String HIDDEN = "***";

    private final Optional<String> value;

    Key(Optional<String> value) {
        this.value = value.map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Value of the Authorization header; null when there is no key. */
    String authorization() {
        return value.map(text -> "Bearer " + text).orElse(null);
    }

    boolean present() {
        return value.isPresent();
    }

    /** The text without the key, without a word that starts as the key does, and without what looks like a key. */
    String scrub(String text) {
        String scrubbed = text;
        if (value.isPresent()) {
            String key = value.get();
            scrubbed = scrubbed.replace(key, HIDDEN);
            if (key.length() > PIECE_LENGTH_MIN) {
                String start = Pattern.quote(key.substring(0, PIECE_LENGTH_MIN));
                scrubbed = scrubbed.replaceAll(start + "\\S*", HIDDEN);
            }
        }
        return LOOKS_LIKE_A_KEY.matcher(scrubbed).replaceAll(HIDDEN);
    }

    @Override
    public String toString() {
        return HIDDEN;
    }
}
