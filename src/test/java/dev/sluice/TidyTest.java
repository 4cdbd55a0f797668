package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of docs/STYLE.md that can be counted. */
class TidyTest {
    private static final String ROOT = "dev.sluice";
    private static final Path MAIN = Path.of("src/main/java");
    private static final Path TEST = Path.of("src/test/java");
    private static final int LINE_COLUMNS_MAX = 120;
    private static final int METHOD_LINES_MAX = 40;
    private static final int METHOD_LINES_P90_MAX = 20;
    private static final int FILE_LINES_MAX = 400;

    /** Who may import whom. A package that is missing here is a finding: a new package is a decision. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "workflow", Set.of(),
            "queue", Set.of("workflow"),
            "inference", Set.of("workflow", "queue"),
            "store", Set.of("workflow", "queue"),
            "orchestrator", Set.of("workflow", "queue", "store"),
            "dispatch", Set.of("workflow", "queue", "store"),
            "functions", Set.of("workflow", "inference"),
            "api", Set.of("workflow", "queue", "store", "orchestrator", "inference"),
            // The command line speaks HTTP; of the rest it needs the codes that it explains.
            "cli", Set.of("api", "workflow"),
            // Composes the others; nobody imports it.
            "boot",
                    Set.of(
                            "workflow",
                            "queue",
                            "store",
                            "orchestrator",
                            "dispatch",
                            "functions",
                            "inference",
                            "api",
                            "cli"));

    /**
     * What the pure package may use: JSON trees, jq, JSON Schema, times of cron, and the standard's own model of a
     * document.
     */
    private static final Pattern PURE =
            Pattern.compile("java\\.|com\\.fasterxml\\.jackson\\.|net\\.thisptr\\.jackson\\.jq\\."
                    + "|com\\.networknt\\.schema\\.|com\\.cronutils\\.|dev\\.sluice\\.workflow\\.");

    private static final Map<String, String> BANNED = Map.of(
            "Instant.now(", "clock.instant()",
            "System.currentTimeMillis(", "clock.millis()",
            "Thread.sleep(", "a timer",
            ".printStackTrace(", "a log line",
            "System.out", "the output that the command line was given",
            "catch (Throwable", "the narrowest exception");

    /** {@code file: banned text}, each with the reason why it stands there. */
    private static final Set<String> EXCEPTIONS = Set.of(
            // Into a file beside the data, because the one line on the terminal has no room for it.
            "StartFailure.java: .printStackTrace(");

    private static final Pattern COMMENT_OR_STRING = Pattern.compile("/\\*(?s:.*?)\\*/|//[^\\n]*|\"\"\"(?s:.*?)\"\"\""
            + "|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'");

    private static List<Path> mainFiles;
    private static List<Path> allFiles;

    @BeforeAll
    static void find() throws IOException {
        mainFiles = javaFiles(MAIN);
        allFiles = new ArrayList<>(mainFiles);
        allFiles.addAll(javaFiles(TEST));
    }

    @Test
    void packagesImportOnlyWhatTheLayoutAllows() throws IOException {
        var findings = new ArrayList<String>();
        for (Path file : mainFiles) {
            String own = packageOf(file);
            if (!ALLOWED.containsKey(own)) {
                findings.add(file + ": package '" + own + "' is not in the layout");
                continue;
            }
            for (String used : siblings(code(file))) {
                if (!used.equals(own) && !ALLOWED.get(own).contains(used)) {
                    findings.add(file + ": '" + own + "' may not use '" + used + "'");
                }
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void theLayoutHasNoCycle() {
        var remaining = new HashMap<>(ALLOWED);
        boolean removed = true;
        while (removed) {
            removed = remaining.entrySet().removeIf(e -> e.getValue().stream().noneMatch(remaining::containsKey));
        }
        assertThat(remaining).isEmpty();
    }

    @Test
    void thePurePackageUsesTreesAndJqOnly() throws IOException {
        var findings = new ArrayList<String>();
        var imports = Pattern.compile("(?m)^import (?:static )?([\\w.]+)");
        for (Path file : mainFiles) {
            if (!packageOf(file).equals("workflow")) continue;
            imports.matcher(code(file))
                    .results()
                    .map(m -> m.group(1))
                    .filter(name -> !PURE.matcher(name).lookingAt())
                    .forEach(name -> findings.add(file + ": " + name));
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void thePurePackageMakesNoIdsAndNoChance() throws IOException {
        var findings = new ArrayList<String>();
        var impure = Pattern.compile("UUID|Random|System\\.nanoTime|Clock\\b|Logger|jakarta\\.");
        for (Path file : mainFiles) {
            if (!packageOf(file).equals("workflow")) continue;
            impure.matcher(code(file)).results().forEach(m -> findings.add(file + ": " + m.group()));
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void whatIsBannedIsNotUsed() throws IOException {
        var findings = new ArrayList<String>();
        for (Path file : mainFiles) {
            String code = code(file);
            BANNED.forEach((bad, good) -> {
                if (code.contains(bad) && !EXCEPTIONS.contains(file.getFileName() + ": " + bad)) {
                    findings.add(file + ": uses " + bad + "; write " + good + " instead");
                }
            });
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void filesAndLinesAreShort() throws IOException {
        var findings = new ArrayList<String>();
        for (Path file : allFiles) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() > FILE_LINES_MAX) findings.add(file + ": " + lines.size() + " lines");
            for (int i = 0; i < lines.size(); i++) {
                // A text block or a long literal of a test stands as it is sent or printed.
                boolean text = file.startsWith(TEST) && lines.get(i).matches(".*[\"{}].*");
                if (lines.get(i).length() > LINE_COLUMNS_MAX && !text)
                    findings.add(file + ":" + (i + 1) + ": too long");
            }
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void methodsAreShort() throws IOException {
        Map<String, Integer> lengths = methodLengths(mainFiles);
        var tooLong = lengths.entrySet().stream()
                .filter(e -> e.getValue() > METHOD_LINES_MAX)
                .toList();
        assertThat(tooLong).isEmpty();
        List<Integer> sorted = lengths.values().stream().sorted().toList();
        assertThat(sorted.get(sorted.size() * 9 / 10)).isLessThanOrEqualTo(METHOD_LINES_P90_MAX);
    }

    @Test
    void keysOfRedisAreNamedInOnePlace() throws IOException {
        var findings = new ArrayList<Path>();
        for (Path file : mainFiles) {
            if (file.endsWith("Keys.java")) continue;
            if (Files.readString(file).contains("\"sluice:")) findings.add(file);
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void sourcesNeitherSkipTestsNorLeaveWorkForLater() throws IOException {
        var findings = new ArrayList<String>();
        var leftover = Pattern.compile("\\b(TODO|FIXME)\\b|@Disabled|UnsupportedOperationException");
        for (Path file : allFiles) {
            if (file.endsWith("TidyTest.java")) continue;
            leftover.matcher(Files.readString(file)).results().forEach(m -> findings.add(file + ": " + m.group()));
        }
        assertThat(findings).isEmpty();
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (var paths = Files.walk(root)) {
            return paths.filter(p -> p.toString().endsWith(".java")).sorted().toList();
        }
    }

    /** The text with comments and strings blanked, so that only code counts. */
    private static String code(Path file) throws IOException {
        return COMMENT_OR_STRING
                .matcher(Files.readString(file))
                .replaceAll(m -> m.group().replaceAll("[^\\n]", " "));
    }

    private static String packageOf(Path file) {
        return MAIN.relativize(file).subpath(2, 3).toString();
    }

    private static Set<String> siblings(String code) {
        return Pattern.compile(Pattern.quote(ROOT) + "\\.(\\w+)\\.")
                .matcher(code)
                .results()
                .map(m -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** By the JDK's own parser: no class path, no annotation processing. */
    private static Map<String, Integer> methodLengths(List<Path> files) throws IOException {
        var lengths = new HashMap<String, Integer>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(
                    null, manager, d -> {}, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            var positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new TreeScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void unused) {
                        var map = unit.getLineMap();
                        long first = map.getLineNumber(positions.getStartPosition(unit, method));
                        long last = map.getLineNumber(positions.getEndPosition(unit, method));
                        lengths.put(unit.getSourceFile().getName() + ":" + first + " " + method.getName(), (int)
                                (last - first + 1));
                        return super.visitMethod(method, unused);
                    }
                }.scan(unit, null);
            }
        }
        return lengths;
    }
}
