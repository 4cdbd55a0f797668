package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Where Sluice listens. Checked before anything else is started, so that a taken port costs nothing but one line. */
record HttpPort(String host, int port) {
    HttpPort {
        if (port < 0 || port > 65_535) {
            throw Problem.of(Code.SL1007, "quarkus.http.port is " + port + "; it must be 0 to 65535.")
                    .asException();
        }
    }

    /**
     * Binds the port for a moment. Port 0, which means any free one, is never taken.
     *
     * @throws ProblemException {@link Code#SL1001} when another process listens there, {@link Code#SL1007} when the
     *     host is no address of this machine
     */
    void requireFree() {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw Problem.of(Code.SL1007, "quarkus.http.host is " + host + ", which is not the name of an address.")
                    .asException();
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address, 1);
        } catch (BindException e) {
            throw new ProblemException(refused(e), e);
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(Code.SL1007, "cannot listen on " + host + ":" + port + ": " + e.getMessage()), e);
        }
    }

    private Problem refused(BindException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("assign")) {
            return Problem.of(
                    Code.SL1007, "quarkus.http.host is " + host + ", which is not an address of this machine.");
        }
        if (message.contains("ermission")) {
            return Problem.of(
                    Code.SL1007,
                    "quarkus.http.port is " + port + ", which this user may not open; choose one above 1023.");
        }
        return taken();
    }

    /** The problem to report when someone else has the port. */
    Problem taken() {
        int other = port == 9090 ? 9091 : 9090;
        return Problem.of(
                Code.SL1001,
                "another process is listening on " + host + ":" + port
                        + ". Stop it, or choose another port: make run PORT=" + other + ", or QUARKUS_HTTP_PORT="
                        + other + ".");
    }

    /** For a browser on this machine: the wildcard address is not one that can be opened. */
    String url() {
        boolean any = host.equals("0.0.0.0") || host.equals("::") || host.isEmpty();
        String name = any ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return "http://" + name + ":" + port;
    }
}
