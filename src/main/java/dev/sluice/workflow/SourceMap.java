package dev.sluice.workflow;

import java.util.HashMap;
import java.util.Map;

/**
 * Where each member of a document stands in its text. A tree, because pointers written out would take the square of the
 * document's size.
 */
public final class SourceMap {
    /** @param line counted from 1, 0 when unknown; {@code column} likewise, in characters */
    record Place(int line, int column) {}

    private final Place place;
    private final Map<String, SourceMap> children = new HashMap<>();

    SourceMap(Place place) {
        this.place = place;
    }

    /** Of a document that was not read from text: every place is unknown. */
    static SourceMap unknown() {
        return new SourceMap(new Place(0, 0));
    }

    /** @param token name of a member, whose key stands at {@code at}, or index of an item, which begins there */
    SourceMap child(String token, Place at) {
        return children.computeIfAbsent(token, t -> new SourceMap(at));
    }

    /** The place of what {@code pointer} names or, when that does not exist, of the nearest that would hold it. */
    Place of(String pointer) {
        SourceMap nearest = this;
        int start = 1;
        while (start <= pointer.length()) {
            int slash = pointer.indexOf('/', start);
            int end = slash < 0 ? pointer.length() : slash;
            SourceMap next = nearest.children.get(unescape(pointer.substring(start, end)));
            if (next == null) break;
            nearest = next;
            start = end + 1;
        }
        return nearest.place;
    }

    private static String unescape(String token) {
        return token.replace("~1", "/").replace("~0", "~");
    }
}
