package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.test.SluiceExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** What the project's test-jar holds: {@code dev.sluice.test} alone. */
class TestJarTest {
    /** Main classes, JUnit, AssertJ; JSON trees are in the signatures of main. */
    private static final Pattern ALLOWED = Pattern.compile(
            "java(\\..*)?|dev\\.sluice\\.(test|workflow)|org\\.junit\\.jupiter\\.api(\\..*)?|org\\.assertj\\.core\\..*"
                    + "|com\\.fasterxml\\.jackson\\.(core|databind)(\\..*)?");

    @Test
    void theExtensionDependsOnNothingButMainClassesJUnitAndAssertJ() throws URISyntaxException {
        Path classes = Path.of(SluiceExtension.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve("dev/sluice/test");
        var out = new StringWriter();
        var writer = new PrintWriter(out);
        int exit = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(writer, writer, "--ignore-missing-deps", "-verbose:class", "-filter:none", classes.toString());
        assertThat(exit).as(out.toString()).isZero();
        var used = new TreeSet<String>();
        Pattern.compile("-> ([\\w.]+)\\.[\\w$]+\\s")
                .matcher(out.toString())
                .results()
                .forEach(m -> used.add(m.group(1)));
        assertThat(used).contains("dev.sluice.workflow", "org.junit.jupiter.api.extension");
        used.removeIf(name -> ALLOWED.matcher(name).matches());
        assertThat(used).isEmpty();
    }

    @Test
    void theBuildPacksThePackageOfTheExtensionAlone() throws Exception {
        String pom = Files.readString(Path.of("pom.xml"));
        assertThat(pom).contains("<goal>test-jar</goal>").contains("<include>dev/sluice/test/**</include>");
    }
}
