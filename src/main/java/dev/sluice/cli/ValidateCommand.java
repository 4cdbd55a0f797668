package dev.sluice.cli;

import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Finding;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice validate FILES…}: checks workflow documents as deploying them would, without a server. */
@Command(
        name = "validate",
        description = "Checks workflow documents, YAML or JSON; needs no server.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:every document can be deployed",
            "1:one cannot, or cannot be read; each reason is a line file:line:column: pointer: message",
            "2:the command line is not valid"
        })
final class ValidateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILES", arity = "1..*", description = "workflow documents")
    private List<Path> files;

    @Override
    public Integer call() {
        var reader = new DefinitionReader();
        PrintWriter out = spec.commandLine().getOut();
        boolean valid = true;
        for (Path file : files) valid &= isValid(reader, file, out);
        out.flush();
        return valid ? Cli.DONE : Cli.FAILED;
    }

    private static boolean isValid(DefinitionReader reader, Path file, PrintWriter out) {
        try {
            Definition d = reader.read(DefinitionReader.text(bytes(file)));
            out.println(
                    file + ": valid, " + d.qualifiedName() + " version " + d.version() + ", revision " + d.revision());
            return true;
        } catch (ProblemException e) {
            for (Finding finding : e.findings()) out.println(file + place(finding) + ": " + finding.inPlace());
        } catch (NoSuchFileException e) {
            out.println(file + ": there is no such file");
        } catch (IOException e) {
            out.println(file + ": cannot be read: " + e.getMessage());
        }
        return false;
    }

    /** One byte above the limit is enough to know that a file is too large. */
    private static byte[] bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(DefinitionReader.DOCUMENT_BYTES_MAX + 1);
        }
    }

    private static String place(Finding finding) {
        return finding.line() == 0 ? "" : ":" + finding.line() + ":" + finding.column();
    }
}
