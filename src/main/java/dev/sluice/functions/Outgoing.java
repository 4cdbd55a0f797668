package dev.sluice.functions;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP request.
 *
 * @param method as the author wrote it, such as {@code get}; sent in upper case
 * @param uri http or https, without user info and fragment
 * @param headers names compare without case
 * @param body empty for none
 */
record Outgoing(String method, URI uri, Map<String, List<String>> headers, byte[] body) {
    private static final byte[] NO_BODY = {};

    Outgoing {
        headers = copy(headers);
    }

    private static Map<String, List<String>> copy(Map<String, List<String>> headers) {
        var copy = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(headers);
        return copy;
    }

    static Outgoing get(URI uri) {
        return new Outgoing("get", uri, Map.of(), NO_BODY);
    }

    boolean isMethod(String name) {
        return method.equalsIgnoreCase(name);
    }

    /** In place of what the header was. */
    Outgoing with(String name, String value) {
        Map<String, List<String>> changed = copy(headers);
        changed.remove(name);
        changed.put(name, List.of(value));
        return new Outgoing(method, uri, changed, body);
    }

    Outgoing withDefault(String name, String value) {
        return headers.containsKey(name) ? this : with(name, value);
    }

    Outgoing without(Iterable<String> names) {
        Map<String, List<String>> changed = copy(headers);
        names.forEach(changed::remove);
        return new Outgoing(method, uri, changed, body);
    }

    Outgoing to(URI other) {
        return new Outgoing(method, other, headers, body);
    }

    /** The same place asked by GET, without a body and what describes it. */
    Outgoing asGet() {
        return new Outgoing("get", uri, headers, NO_BODY)
                .without(List.of("Content-Type", "Content-Encoding", "Content-Language", "Idempotency-Key"));
    }

    /** Scheme, host and port: who would learn a credential. */
    boolean hasOriginOf(URI other) {
        return Uris.origin(uri).equals(Uris.origin(other));
    }
}
