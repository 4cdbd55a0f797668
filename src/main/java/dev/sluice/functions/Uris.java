package dev.sluice.functions;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Reading, building and showing the addresses of calls (RFC 3986). */
final class Uris {
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /** What may stand in a URI unencoded; {@code %} is looked at on its own. */
    private static final String LEGAL = UNRESERVED + ":/?#[]@!$&'()*+,;=";

    private Uris() {}

    /**
     * Lenient: characters that may not stand in a URI, such as spaces and umlauts, are percent-encoded.
     *
     * @throws dev.sluice.workflow.ProblemException SL4008 when it is no http or https URI with a host
     */
    static URI web(String text) {
        URI uri = parse(text);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw CallFailure.configuration("the address '" + shown(uri) + "' is neither http nor https");
        }
        if (uri.getHost() == null)
            throw CallFailure.configuration("the address '" + shown(uri) + "' has no valid host");
        return uri;
    }

    /** @throws dev.sluice.workflow.ProblemException SL4008 */
    static URI parse(String text) {
        String legal = legal(text.strip());
        try {
            return new URI(legal);
        } catch (URISyntaxException e) {
            // Its reason, not its message, which holds the whole address and whatever secret stands in it.
            throw CallFailure.configuration("an address is no URI: " + e.getReason() + " at character " + e.getIndex());
        }
    }

    private static String legal(String text) {
        var legal = new StringBuilder(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            boolean encoded = bytes[i] == '%'
                    && i + 2 < bytes.length
                    && HexFormat.isHexDigit(bytes[i + 1])
                    && HexFormat.isHexDigit(bytes[i + 2]);
            if (encoded || LEGAL.indexOf(bytes[i]) >= 0) legal.append((char) bytes[i]);
            else append(legal, bytes[i]);
        }
        return legal.toString();
    }

    private static void append(StringBuilder text, byte octet) {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
    }

    /** Everything but letters, digits and {@code -._~} becomes percent-encoded UTF-8. */
    static String encode(String text) {
        var encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (UNRESERVED.indexOf(octet) >= 0) encoded.append((char) octet);
            else append(encoded, octet);
        }
        return encoded.toString();
    }

    /** {@code a=1&b=2}, encoded. */
    static String query(List<Map.Entry<String, String>> pairs) {
        return pairs.stream()
                .map(pair -> encode(pair.getKey()) + "=" + encode(pair.getValue()))
                .collect(Collectors.joining("&"));
    }

    /**
     * Without user info and fragment.
     *
     * @param query encoded, added after the one that is there; may be empty
     */
    static URI withQuery(URI uri, String query) {
        String own = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        String all = own.isEmpty() || query.isEmpty() ? own + query : own + "&" + query;
        return URI.create(place(uri) + (all.isEmpty() ? "" : "?" + all));
    }

    /** For messages: without user info, and of the query only the names, because its values may be secrets. */
    static String shown(URI uri) {
        if (uri.getHost() == null) return uri.getScheme() == null ? uri.getPath() : uri.getScheme() + ":…";
        if (uri.getRawQuery() == null) return place(uri);
        return place(uri) + "?" + uri.getRawQuery().replaceAll("=[^&]*", "=…");
    }

    private static String place(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()) + path;
    }

    /** Scheme, host and port, with the scheme's own port written out. */
    static String origin(URI uri) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
    }
}
