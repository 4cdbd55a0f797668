package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Hosts as a setting lists them. */
final class HostList {
    private record Network(byte[] address, int prefixBits) {
        boolean holds(InetAddress other) {
            byte[] bytes = other.getAddress();
            if (bytes.length != address.length) return false;
            int rest = address.length * 8 - prefixBits;
            return new BigInteger(1, bytes).shiftRight(rest).equals(new BigInteger(1, address).shiftRight(rest));
        }
    }

    private final String setting;
    private final List<Pattern> names = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();

    /**
     * @param setting for messages
     * @param hosts names, in which {@code *} stands for any characters; addresses; networks such as
     *     {@code 169.254.0.0/16}
     * @throws ProblemException SL1007 when a network cannot be read
     */
    HostList(String setting, List<String> hosts) {
        this.setting = setting;
        hosts.stream().map(String::strip).forEach(this::add);
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
            String detail = setting + " has '" + host + "', which is no network; write it like 169.254.0.0/16.";
            throw new ProblemException(Problem.of(Code.SL1007, detail), e);
        }
    }

    private static boolean isAddress(String host) {
        return host.contains("/") || host.contains(":") || host.matches("[0-9.]+");
    }

    /** @param host in lower case, without a dot at its end */
    boolean hasName(String host) {
        return names.stream().anyMatch(name -> name.matcher(host).matches());
    }

    boolean hasNetworks() {
        return !networks.isEmpty();
    }

    boolean holds(InetAddress address) {
        return networks.stream().anyMatch(network -> network.holds(address));
    }
}
