package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sluice server}: the same as no command at all. */
@Command(
        name = "server",
        description = "Starts the server. Settings: QUARKUS_HTTP_PORT, SLUICE_DATA, QUARKUS_REDIS_HOSTS and more.",
        mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
    private final Runnable server;

    ServerCommand(Runnable server) {
        this.server = server;
    }

    @Override
    public Integer call() {
        server.run();
        return Cli.DONE;
    }
}
