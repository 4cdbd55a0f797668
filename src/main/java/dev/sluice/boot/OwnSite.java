package dev.sluice.boot;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells the requests that a browser makes for a page of another site from all others. Any page that a person opens can
 * send requests to this machine; the two headers it cannot forge are {@code Host} and {@code Origin}.
 *
 * @param local true when this process listens on a loopback address only: then it is called by no other name, and a
 *     foreign name in {@code Host} is a page whose name was made to lead here (DNS rebinding)
 * @param names further names, in lower case, that it is called by, such as the one of a proxy before it
 */
record OwnSite(boolean local, Set<String> names) {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|[a-z0-9-]{1,63}\\.localhost|127(?:\\.\\d{1,3}){3}|\\[?::1]?");

    /** {@code host[:port]}, where a host may be an IPv6 address in brackets. */
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9a-f:.]{2,45}]|[^\\[\\]:/]{1,255})(?::\\d{1,5})?");

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    /** @param address that it listens on, {@code quarkus.http.host} */
    static OwnSite at(String address, Set<String> names) {
        return new OwnSite(LOOPBACK.matcher(address).matches(), names);
    }

    /**
     * Why a request is refused; empty when it is not. Programs that are no browsers send neither {@code Origin} nor
     * {@code Sec-Fetch-Site}, and are not refused for that.
     *
     * @param host the header, null when it is missing; so are the next two
     */
    Optional<String> refusal(String method, String host, String origin, String fetchSite) {
        if (local && host != null && !isOwn(name(host))) {
            return Optional.of("this server listens on this machine only and is not called '" + name(host)
                    + "'. If it is, through a proxy, set sluice.hosts to that name.");
        }
        if (SAFE_METHODS.contains(method) || isOwnPage(host, origin, fetchSite)) return Optional.empty();
        return Optional.of("it was sent by a page of another site (" + (origin == null ? fetchSite : origin)
                + "). If that page may start work here, set sluice.hosts to the name of its site.");
    }

    private boolean isOwnPage(String host, String origin, String fetchSite) {
        if ("same-origin".equals(fetchSite) || "none".equals(fetchSite)) return true;
        if (origin == null) return fetchSite == null;
        String site = origin.replaceFirst("^https?://", "").toLowerCase(java.util.Locale.ROOT);
        if (names.contains(name(site))) return true;
        return fetchSite == null && host != null && site.equals(host.toLowerCase(java.util.Locale.ROOT));
    }

    private boolean isOwn(String name) {
        return LOOPBACK.matcher(name).matches() || names.contains(name);
    }

    /** Without the port; empty when it is no authority. */
    private static String name(String authority) {
        Matcher matcher = AUTHORITY.matcher(authority.toLowerCase(java.util.Locale.ROOT));
        return matcher.matches() ? matcher.group(1) : "";
    }
}
