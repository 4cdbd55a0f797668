package dev.sluice.inference;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells addresses of the internet from those of a machine, a network or a cluster of one's own, which nobody should
 * reach through a URL that a stranger wrote. By the special-purpose registries of IANA (RFC 6890 and its updates):
 * whatever is not globally reachable is not public, also where an IPv6 address carries an IPv4 address in it.
 */
public final class PublicAddresses {
    /** How names become addresses. */
    public interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private record Network(String kind, BigInteger prefix, int rest, int bytes) {
        boolean holds(byte[] address) {
            return address.length == bytes
                    && new BigInteger(1, address).shiftRight(rest).equals(prefix);
        }
    }

    private static final List<Network> SPECIAL = List.of(
            network("an unspecified address", "0.0.0.0/8"),
            network("a private address", "10.0.0.0/8"),
            network("a shared address of a carrier", "100.64.0.0/10"),
            network("a loopback address", "127.0.0.0/8"),
            network("a link-local address", "169.254.0.0/16"),
            network("a private address", "172.16.0.0/12"),
            network("a reserved address", "192.0.0.0/24"),
            network("a reserved address", "192.0.2.0/24"),
            network("a reserved address", "192.88.99.0/24"),
            network("a private address", "192.168.0.0/16"),
            network("a reserved address", "198.18.0.0/15"),
            network("a reserved address", "198.51.100.0/24"),
            network("a reserved address", "203.0.113.0/24"),
            network("a multicast address", "224.0.0.0/4"),
            network("a reserved address", "240.0.0.0/4"),
            network("an unspecified address", "::/128"),
            network("a loopback address", "::1/128"),
            network("a private address", "fc00::/7"),
            network("a link-local address", "fe80::/10"),
            network("a private address", "fec0::/10"),
            network("a multicast address", "ff00::/8"),
            // Teredo among them.
            network("a reserved address", "2001::/23"),
            network("a reserved address", "2001:db8::/32"),
            network("a reserved address", "3fff::/20"));

    private static final Network GLOBAL = network("", "2000::/3");
    private static final Network SIX_TO_FOUR = network("", "2002::/16");
    private static final Network NAT64 = network("", "64:ff9b::/96");

    /** Only what every reader of URLs understands in the same way. */
    private static final Pattern PLAIN = Pattern.compile(
            "(?i)https?://([a-z0-9._-]{1,253}|\\[[0-9a-f:.]{2,45}])(?::\\d{1,5})?(?:[/?#][!-~&&[^\\\\]]*)?");

    /** A host whose last label is a number is an IPv4 address to browsers, curl and the C library. */
    private static final Pattern NUMERIC = Pattern.compile("(?i)(?:.*\\.)?(?:\\d+|0x[0-9a-f]*)\\.?");

    private static final Pattern QUAD = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

    private PublicAddresses() {}

    private static Network network(String kind, String text) {
        String[] parts = text.split("/");
        try {
            byte[] address = InetAddress.getByName(parts[0]).getAddress();
            int rest = address.length * 8 - Integer.parseInt(parts[1]);
            return new Network(kind, new BigInteger(1, address).shiftRight(rest), rest, address.length);
        } catch (UnknownHostException notAnAddress) {
            throw new IllegalArgumentException(text, notAnAddress);
        }
    }

    /** What the address is, such as {@code a loopback address}; empty when it is one of the internet. */
    public static Optional<String> notPublic(InetAddress address) {
        return notPublic(address.getAddress());
    }

    private static Optional<String> notPublic(byte[] address) {
        Optional<String> special = SPECIAL.stream()
                .filter(network -> network.holds(address))
                .map(Network::kind)
                .findFirst();
        if (special.isPresent() || address.length == 4) return special;
        if (SIX_TO_FOUR.holds(address)) return notPublic(Arrays.copyOfRange(address, 2, 6));
        boolean carries = NAT64.holds(address) || GLOBAL.holds(address) && isIsatap(address);
        if (carries) return notPublic(Arrays.copyOfRange(address, 12, 16));
        // Among them IPv4 in IPv6 (::ffff:a.b.c.d), of which Java makes IPv4 by itself.
        return GLOBAL.holds(address) ? Optional.empty() : Optional.of("a reserved address");
    }

    /** RFC 5214: {@code …:0:5efe:a.b.c.d} or {@code …:200:5efe:a.b.c.d}. */
    private static boolean isIsatap(byte[] address) {
        return (address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == (byte) 0xfe;
    }

    /**
     * Why a URL must not be given to somebody who would fetch it. Blocks while the name is resolved, with
     * {@link InetAddress#getAllByName}. Who fetches it resolves the name again and may follow redirects: that is not
     * known here.
     *
     * @return empty when it is an http or https URL of a public host, spelled so that everybody reads it alike
     */
    public static Optional<String> refusal(String url) {
        return refusal(url, InetAddress::getAllByName);
    }

    static Optional<String> refusal(String url, Resolver resolver) {
        var plain = PLAIN.matcher(url);
        if (!plain.matches()) return Optional.of("it is no plain http or https URL");
        String written = plain.group(1).toLowerCase(Locale.ROOT);
        String host = written.endsWith(".") ? written.substring(0, written.length() - 1) : written;
        boolean literal = host.startsWith("[") || NUMERIC.matcher(host).matches();
        boolean odd = literal && !host.startsWith("[") && !QUAD.matcher(host).matches();
        if (odd) return Optional.of("its host is written in an unusual way");
        try {
            InetAddress[] addresses =
                    literal ? new InetAddress[] {InetAddress.getByName(host)} : resolver.addresses(host);
            return Arrays.stream(addresses)
                    .flatMap(address -> notPublic(address).stream())
                    .findFirst()
                    .map(kind -> "its host is, or leads to, " + kind);
        } catch (UnknownHostException unknown) {
            return Optional.of("its host is not known here, so that nobody can tell where it leads");
        }
    }

    /** Whether a server that listens there is reached from this machine alone. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }
}
