package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where functions are, from the settings as they are written. */
class AddressesTest {
    private static final String CLUSTER = "http://{function}.{namespace}.svc.cluster.local/";

    @TempDir
    private Path directory;

    /** Beside those that the program comes with. */
    private static DispatchSettings settings(String... own) {
        var values = new HashMap<String, String>();
        values.put("sluice.dispatch.orchestrator-url", "http://127.0.0.1:8080/");
        values.put("sluice.dispatch.function-url", "http://127.0.0.1:8080/");
        for (int i = 0; i < own.length; i += 2) values.put("sluice.dispatch." + own[i], own[i + 1]);
        return new SmallRyeConfigBuilder()
                .withMapping(DispatchSettings.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValues(values)
                .build()
                .getConfigMapping(DispatchSettings.class);
    }

    private static Address.Endpoint endpoint(String function, String... settings) {
        return (Address.Endpoint)
                FunctionTarget.of(function, settings(settings)).address();
    }

    private static Problem refused(String... settings) {
        return catchThrowableOfType(ProblemException.class, () -> FunctionTarget.check(settings(settings)))
                .problem();
    }

    @Test
    void withoutASettingFunctionsAreInTheSameProcess() {
        assertThat(endpoint("classify"))
                .isEqualTo(new Address.Endpoint(
                        "classify", URI.create("http://127.0.0.1:8080/"), Address.Protocol.HTTP_1_1, 256));
    }

    @Test
    void inAClusterTheNameAndTheNamespaceMakeTheAddress() {
        assertThat(endpoint("classify", "function-url", CLUSTER, "namespace", "agents")
                        .url())
                .isEqualTo(URI.create("http://classify.agents.svc.cluster.local/"));
    }

    @Test
    void theNamespaceIsThatOfThePodWhenNoneIsSet() throws IOException {
        Path file = Files.writeString(directory.resolve("namespace"), "team-7\n");
        var addresses = new Addresses(CLUSTER, Optional.empty(), file);
        assertThat(addresses.of("f")).contains(URI.create("http://f.team-7.svc.cluster.local/"));
        assertThat(new Addresses(CLUSTER, Optional.of("mine"), file).of("f"))
                .contains(URI.create("http://f.mine.svc.cluster.local/"));
    }

    @Test
    void outsideOfAPodTheNamespaceHasToBeSet() {
        Problem problem = refused("function-url", CLUSTER);
        assertThat(problem.code()).isEqualTo("SL1016");
        assertThat(problem.detail()).contains("sluice.dispatch.namespace is not set");
    }

    @ParameterizedTest
    @CsvSource({
        "http://{name}.local/, it has {name}",
        "{function}, no address of the form",
        "ftp://{function}/, no address of the form",
        "http:///{function}, no address of the form",
        "http://a b/, Illegal character"
    })
    void aTemplateThatMakesNoAddressIsRefusedAtTheStart(String template, String reason) {
        Problem problem = refused("function-url", template);
        assertThat(problem.code()).isEqualTo("SL1016");
        assertThat(problem.detail()).contains("sluice.dispatch.function-url", reason);
    }

    @Test
    void anAddressOfOneFunctionIsCheckedAtTheStartToo() {
        Problem problem = refused("functions.classify.url", "classify:9000");
        assertThat(problem.code()).isEqualTo("SL1016");
        assertThat(problem.detail()).contains("sluice.dispatch.functions.classify.url", "classify:9000");
    }

    @Test
    void aNameThatNoHostCanHaveFailsItsAttemptsAndSaysSo() {
        var target = FunctionTarget.of("Classify_2", settings("function-url", CLUSTER, "namespace", "a"));
        Problem problem = ((Address.Nowhere) target.address()).problem();
        assertThat(problem.code()).isEqualTo("SL4010");
        assertThat(problem.status()).isEqualTo(404);
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.detail()).contains("'Classify_2'", "sluice.dispatch.functions.\"Classify_2\".url");
    }

    @Test
    void inAPathANameMayBeAnything() {
        assertThat(endpoint("a/b ü", "function-url", "http://gateway:8080/call/{function}")
                        .url())
                .isEqualTo(URI.create("http://gateway:8080/call/a%2Fb%20%C3%BC"));
    }

    @Test
    void aFunctionMayHaveSettingsOfItsOwn() {
        String[] own = {
            "functions.classify.url", "http://10.0.0.7:9000/x",
            "functions.classify.http", "h2c",
            "functions.classify.window.max", "8",
            "functions.classify.timeout", "30s",
            "functions.\"my.function\".window.min", "300"
        };
        assertThat(endpoint("classify", own))
                .isEqualTo(new Address.Endpoint(
                        "classify", URI.create("http://10.0.0.7:9000/x"), Address.Protocol.H2C, 8));
        var classify = FunctionTarget.of("classify", settings(own));
        assertThat(classify.window()).isEqualTo(new WindowBounds(4, 8, 16));
        assertThat(classify.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(FunctionTarget.of("my.function", settings(own)).window()).isEqualTo(new WindowBounds(300, 300, 16));
        assertThat(FunctionTarget.of("other", settings(own)).window()).isEqualTo(new WindowBounds(4, 256, 16));
    }

    @Test
    void aWindowThatContradictsItselfIsRefusedAtTheStart() {
        assertThat(refused("functions.f.window.min", "9", "functions.f.window.max", "8")
                        .code())
                .isEqualTo("SL1015");
    }

    @Test
    void allFunctionsMaySpeakH2cExceptOne() {
        assertThat(endpoint("a", "http", "h2c").protocol()).isEqualTo(Address.Protocol.H2C);
        assertThat(endpoint("a", "http", "h2c", "functions.a.http", "1.1").protocol())
                .isEqualTo(Address.Protocol.HTTP_1_1);
    }

    @Test
    void aVersionOfHttpThatIsNotKnownIsRefusedAtTheStart() {
        Problem problem = refused("functions.f.http", "3");
        assertThat(problem.code()).isEqualTo("SL1017");
        assertThat(problem.detail()).contains("'f'", "'3'");
    }
}
