package dev.sluice.boot;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** One command to a Redis, with the first line of its answer; of a text, the text; of a pair, the second text. */
final class RedisTalk {
    private RedisTalk() {}

    static String say(String url, String command) throws IOException {
        URI uri = URI.create(url);
        String password = uri.getUserInfo() == null ? "" : uri.getUserInfo().substring(1);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(5000);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            if (!password.isEmpty()) line(socket, in, "AUTH " + password);
            String answer = line(socket, in, command);
            for (int i = 0; "*2".equals(answer) && i < 3; i++) in.readLine();
            if ("*2".equals(answer)) return in.readLine();
            return answer != null && answer.startsWith("$") && !answer.equals("$-1") ? in.readLine() : answer;
        }
    }

    private static String line(Socket socket, BufferedReader in, String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        return in.readLine();
    }
}
