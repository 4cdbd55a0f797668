package dev.sluice.boot;

import dev.sluice.cli.Cli;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Without arguments, or with {@code server}, the server; with any other command the command line, without Quarkus. */
@QuarkusMain
public final class Main {
    // Package-private because Quarkus makes a bean of it.
    Main() {}

    public static void main(String... args) {
        if (args.length == 0) {
            Launch.run();
        } else {
            System.exit(Cli.run(Launch::run, args));
        }
    }
}
