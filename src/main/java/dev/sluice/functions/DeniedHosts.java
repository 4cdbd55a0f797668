package dev.sluice.functions;

import dev.sluice.inference.PublicAddresses;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Hosts that no call of a workflow may reach, such as the metadata server of a cloud, which hands out credentials, and
 * unless it is a laptop's, everything that is not of the internet. Names are resolved first and all their addresses are
 * looked at. The client resolves the name again, from the JDK's cache, which keeps an answer for 30 s; therefore
 * {@link Wire} asks once more when the answer begins.
 */
@Singleton
// Before the roles start, so that a setting that cannot be used is all that is told.
@Startup(1)
class DeniedHosts {
    private static final String DENIED = "sluice.http.denied-hosts";
    private static final String ALLOWED = "sluice.http.allowed-hosts";
    private static final String PRIVATE = "sluice.http.private-addresses";

    private final HostList denied;
    private final HostList allowed;
    private final boolean privateRefused;
    private final PublicAddresses.Resolver resolver;

    /**
     * @param privateAddresses {@code allow} or {@code refuse}; empty: allowed where this process can be asked from its
     *     own machine only
     * @param listensOn {@code quarkus.http.host}
     * @throws ProblemException SL1007 when a network cannot be read
     */
    @Inject
    DeniedHosts(
            @ConfigProperty(name = DENIED) Optional<List<String>> denied,
            @ConfigProperty(name = ALLOWED) Optional<List<String>> allowed,
            @ConfigProperty(name = PRIVATE) Optional<String> privateAddresses,
            @ConfigProperty(name = "quarkus.http.host") String listensOn) {
        this(
                denied.orElse(List.of()),
                allowed.orElse(List.of()),
                privateAddresses.map(DeniedHosts::isRefuse).orElseGet(() -> !PublicAddresses.isLoopback(listensOn)),
                InetAddress::getAllByName);
    }

    DeniedHosts(List<String> denied, List<String> allowed, boolean privateRefused, PublicAddresses.Resolver resolver) {
        this.denied = new HostList(DENIED, denied);
        this.allowed = new HostList(ALLOWED, allowed);
        this.privateRefused = privateRefused;
        this.resolver = resolver;
    }

    private static boolean isRefuse(String setting) {
        return switch (setting.strip()) {
            case "refuse" -> true;
            case "allow" -> false;
            default ->
                throw Problem.of(Code.SL1007, PRIVATE + " is '" + setting + "', must be allow or refuse.")
                        .asException();
        };
    }

    /**
     * Blocks while the name is resolved.
     *
     * @throws ProblemException SL4017, of type authorization, status 403
     */
    void check(Outgoing request) {
        String host = request.uri().getHost().toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
        if (denied.hasName(host)) throw CallFailure.denied(request, "the host '" + host + "' is denied", DENIED);
        if (!denied.hasNetworks() && !privateRefused) return;
        for (InetAddress address : addresses(host)) {
            String has = "the host '" + host + "' has the address " + address.getHostAddress();
            if (denied.holds(address)) throw CallFailure.denied(request, has + ", a denied one", DENIED);
            if (!privateRefused || allowed.hasName(host) || allowed.holds(address)) continue;
            PublicAddresses.notPublic(address).ifPresent(kind -> {
                throw CallFailure.denied(request, has + ", " + kind, PRIVATE + " and " + ALLOWED);
            });
        }
    }

    /** None when the name is unknown here: then the client fails as well, or a proxy resolves it. */
    private InetAddress[] addresses(String host) {
        try {
            return resolver.addresses(host);
        } catch (UnknownHostException e) {
            return new InetAddress[0];
        }
    }
}
