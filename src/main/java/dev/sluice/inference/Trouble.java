package dev.sluice.inference;

/** The kinds of what can go wrong with one exchange, as routes tell them apart. */
public enum Trouble {
    /** 429, or no quota or place left. */
    RATE_LIMITED,
    /** 5xx, 408, 409, or an answer that is no JSON. */
    SERVER_ERROR,
    /** No answer, or no first token, in time. */
    TIMEOUT,
    /** No connection, or one that broke. */
    UNREACHABLE,
    /** 401 to 404: the endpoint refuses our key, wants to be paid first, or does not know the model (any more). */
    KEY,
    /** The prompt is longer than the model's context window. */
    CONTEXT,
    /** The endpoint's content filter. */
    FILTER,
    /** Any other 4xx: the request itself is wrong, and is so everywhere. */
    REQUEST,
    /** Nobody waits for the answer any more. */
    ABANDONED;

    /** Whether it says something about the endpoint's health. */
    boolean isIllness() {
        return this == SERVER_ERROR || this == TIMEOUT || this == UNREACHABLE || this == KEY;
    }
}
