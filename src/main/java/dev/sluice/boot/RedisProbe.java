package dev.sluice.boot;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks a Redis on this machine how it is, in the inline form of the Redis protocol (one command a line), because no
 * client exists before Quarkus starts. The password tells our own Redis from any other process that has the port.
 *
 * @param password of letters and digits only, at least one
 */
record RedisProbe(int port, String password) {
    /** 2 s: Redis answers PING in microseconds unless it is stopped or the machine is badly overloaded. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);

    enum Answer {
        READY,
        LOADING,
        /** Nothing listens. */
        REFUSED,
        /** Something listens and says nothing, or breaks off. */
        SILENT,
        /** Something else has the port: it does not take our password. */
        FOREIGN
    }

    Answer ping() {
        return ask("PING");
    }

    /** Asks our own Redis to write what it holds and to end. The password makes sure that no other Redis is ended. */
    void shutdown() {
        ask("SHUTDOWN");
    }

    private Answer ask(String command) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) ANSWER_TIMEOUT.toMillis());
            socket.setSoTimeout((int) ANSWER_TIMEOUT.toMillis());
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String auth = "AUTH " + password + "\r\n";
            socket.getOutputStream().write(auth.getBytes(StandardCharsets.UTF_8));
            String authenticated = in.readLine();
            if (authenticated == null) return Answer.SILENT;
            if (!authenticated.equals("+OK")) return Answer.FOREIGN;
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return meaning(in.readLine());
        } catch (ConnectException e) {
            return Answer.REFUSED;
        } catch (IOException e) {
            return Answer.SILENT;
        }
    }

    private static Answer meaning(String line) {
        if (line == null) return Answer.SILENT;
        if (line.startsWith("-LOADING")) return Answer.LOADING;
        return line.equals("+PONG") ? Answer.READY : Answer.SILENT;
    }
}
