package dev.sluice.workflow;

/** JSON pointers (RFC 6901). */
public final class Pointers {
    private Pointers() {}

    /** One token of a pointer. */
    public static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    public static String unescape(String token) {
        return token.replace("~1", "/").replace("~0", "~");
    }
}
