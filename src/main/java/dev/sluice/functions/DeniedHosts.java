package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Hosts that no call of a workflow may reach, such as the metadata server of a cloud, which hands out credentials.
 * Names are resolved first and their addresses are held against the list as well. The client resolves the name again,
 * from the JDK's cache, which keeps an answer for 30 s.
 */
@Singleton
@Startup
class DeniedHosts {
    private static final String SETTING = "sluice.http.denied-hosts";

    private record Network(byte[] address, int prefixBits) {
        boolean holds(InetAddress other) {
            byte[] bytes = other.getAddress();
            if (bytes.length != address.length) return false;
            int rest = address.length * 8 - prefixBits;
            return new BigInteger(1, bytes).shiftRight(rest).equals(new BigInteger(1, address).shiftRight(rest));
        }
    }

    private final List<Pattern> names = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();

    /**
     * @param hosts names, in which {@code *} stands for any characters; addresses; networks such as
     *     {@code 169.254.0.0/16}. Empty: nothing is denied
     * @throws ProblemException SL1007 when a network cannot be read
     */
    @Inject
    DeniedHosts(@ConfigProperty(name = SETTING) Optional<List<String>> hosts) {
        hosts.orElse(List.of()).stream().map(String::strip).forEach(this::add);
    }

    private void add(String host) {
        if (!isAddress(host)) {
            String[] parts = host.toLowerCase(Locale.ROOT).split("\\*", -1);
            names.add(Pattern.compile(
                    String.join(".*", Arrays.stream(parts).map(Pattern::quote).toList())));
            return;
        }
        String[] parts = host.split("/", 2);
        try {
            byte[] address = InetAddress.getByName(parts[0]).getAddress();
            int bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
            if (bits < 0 || bits > address.length * 8) throw new NumberFormatException("/" + bits);
            networks.add(new Network(address, bits));
        } catch (UnknownHostException | NumberFormatException e) {
            String detail = SETTING + " has '" + host + "', which is no network; write it like 169.254.0.0/16.";
            throw new ProblemException(Problem.of(Code.SL1007, detail), e);
        }
    }

    private static boolean isAddress(String host) {
        return host.contains("/") || host.contains(":") || host.matches("[0-9.]+");
    }

    /**
     * Blocks while the name is resolved.
     *
     * @throws ProblemException SL4017, of type authorization, status 403
     */
    void check(Outgoing request) {
        String host = request.uri().getHost().toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
        if (names.stream().anyMatch(name -> name.matcher(host).matches())) {
            throw CallFailure.denied(request, "the host '" + host + "' is denied");
        }
        if (networks.isEmpty()) return;
        for (InetAddress address : addresses(host)) {
            if (networks.stream().anyMatch(network -> network.holds(address))) {
                throw CallFailure.denied(
                        request,
                        "the host '" + host + "' has the address " + address.getHostAddress() + ", a denied one");
            }
        }
    }

    /** None when the name is unknown here: then the client fails as well, or a proxy resolves it. */
    private static InetAddress[] addresses(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            return new InetAddress[0];
        }
    }
}
