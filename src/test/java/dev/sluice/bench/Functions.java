package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The process that runs {@link NoOpFunctions}. */
final class Functions implements AutoCloseable {
    final Child child;
    final int port;

    private Functions(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    static Functions start(Path directory, int port) throws IOException {
        return new Functions(
                Child.start(directory.resolve("functions.log"), command(NoOpFunctions.class, Integer.toString(port))),
                port);
    }

    /** Small and frugal: what is measured is the server. */
    static List<String> command(Class<?> main, String... arguments) {
        var command = new ArrayList<>(List.of(
                Child.java(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    @Override
    public void close() {
        child.close();
    }
}
