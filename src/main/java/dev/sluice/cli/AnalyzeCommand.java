package dev.sluice.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code sluice analyze FILES…}: uploads documents, waits for their runs, prints what came out. */
@Command(
        name = "analyze",
        description = "Uploads documents to a running server, waits, and prints the results.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:every document was analyzed",
            "1:a document failed, was refused or was not finished in time",
            "2:the command line is not valid",
            "3:no server answers"
        })
final class AnalyzeCommand implements Callable<Integer> {
    /** 100: the width of a terminal when it does not say; {@code COLUMNS} says it. */
    private static final int WIDTH_DEFAULT = 100;

    /** In lower case because that is how they are written on the command line. */
    enum Format {
        table,
        json
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILES", arity = "1..*", description = "files, or directories, whose files are taken")
    private List<Path> files;

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "${DEFAULT-VALUE}")
    private URI server;

    @Option(
            names = "--workflow",
            paramLabel = "NAME",
            defaultValue = "document-analysis",
            description = "${DEFAULT-VALUE}")
    private String workflow;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = Time.class,
            description = "how long to wait for all results, such as 90s, 10m, 1h30m; ${DEFAULT-VALUE}")
    private Duration timeout;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Format format;

    @Override
    public Integer call() {
        requireServerUri();
        var out = spec.commandLine().getOut();
        var err = spec.commandLine().getErr();
        var documents = new Analysis(new ApiClient(server), workflow, timeout, err).run(files);
        if (format == Format.json) {
            out.println(documents.toJson().toPrettyString());
        } else {
            ResultTable.print(documents, width(System.getenv("COLUMNS")), out);
        }
        out.flush();
        return documents.allSucceeded() ? Cli.DONE : Cli.FAILED;
    }

    private void requireServerUri() {
        boolean web = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        if (!web || server.getHost() == null) {
            throw new CliException(Cli.USAGE, "--server is '" + server + "'; it must look like http://127.0.0.1:8080.");
        }
    }

    private static int width(String columns) {
        boolean said = columns != null && columns.matches("[1-9]\\d{1,3}");
        return said ? Integer.parseInt(columns) : WIDTH_DEFAULT;
    }

    /** {@code 90s}, {@code 10m}, {@code 1h30m}; above zero. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                Duration time = Duration.parse("PT" + text);
                if (time.isPositive()) return time;
            } catch (java.time.format.DateTimeParseException e) {
                // Said below, in the words of the command line.
            }
            throw new TypeConversionException("'" + text + "' is not a time such as 90s, 10m or 1h30m");
        }
    }
}
