package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice explain CODE}: prints the page of one error. */
@Command(
        name = "explain",
        description = "Says what an error code means, why it happens and what to do.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
    private static final Pattern CODE = Pattern.compile("SL\\d{4}");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CODE", description = "such as SL1001")
    private String code;

    @Override
    public Integer call() throws IOException {
        String wanted = code.strip().toUpperCase(Locale.ROOT);
        if (!CODE.matcher(wanted).matches()) {
            throw new CliException(
                    Cli.USAGE, "'" + code + "' is not an error code; one is SL and four digits, such as SL1001.");
        }
        try (InputStream page = ExplainCommand.class.getClassLoader().getResourceAsStream("errors/" + wanted + ".md")) {
            if (page == null) throw new CliException(Cli.USAGE, "There is no error code " + wanted + ".");
            spec.commandLine().getOut().print(new String(page.readAllBytes(), StandardCharsets.UTF_8));
            spec.commandLine().getOut().flush();
        }
        return Cli.DONE;
    }
}
