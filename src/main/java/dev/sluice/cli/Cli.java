package dev.sluice.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry to the command line. Exit statuses are the constants here. */
@Command(
        name = "sluice",
        description = "Hosts AI-agent workflows: hand documents in, read results, look errors up.",
        mixinStandardHelpOptions = true,
        version = "sluice 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AnalyzeCommand.class, ValidateCommand.class, ExplainCommand.class})
public final class Cli {
    /** All was done. */
    static final int DONE = 0;

    /** Something that was asked for failed or was refused. */
    static final int FAILED = 1;

    /** The command line is not valid. */
    static final int USAGE = 2;

    /** No server answers. */
    static final int NOT_REACHABLE = 3;

    Cli() {}

    /**
     * Runs one command.
     *
     * @param server what {@code sluice server} does; comes back when the server has ended
     * @return the exit status, 0 to 3
     */
    public static int run(Runnable server, String... args) {
        return line(server).execute(args);
    }

    static CommandLine line(Runnable server) {
        return new CommandLine(new Cli())
                .addSubcommand(new ServerCommand(server))
                .setExecutionExceptionHandler(Cli::failed);
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        if (!(e instanceof CliException known)) throw e;
        line.getErr().println(known.getMessage());
        line.getErr().flush();
        return known.status();
    }
}
