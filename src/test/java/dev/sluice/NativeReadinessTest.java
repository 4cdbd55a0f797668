package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.ResourceBundle;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.thisptr.jackson.jq.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the native image is told about libraries stays true when they change; why each is told stands in
 * docs/decisions/0005-native-image.md. After an upgrade, write the list again: {@code mvn test
 * -Dtest=NativeReadinessTest -Dsluice.native.write}.
 */
class NativeReadinessTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path FOLDER = RESOURCES.resolve("META-INF/native-image/dev.sluice/sluice-workflow");
    private static final Path REFLECTION = FOLDER.resolve("reflect-config.json");

    private static final String CONSTRUCTORS = "\"allDeclaredConstructors\": true";

    /** What finds classes or resources by a name that only the running program knows. */
    private static final Pattern BY_NAME =
            Pattern.compile("Class\\.forName|ServiceLoader\\.load|Proxy\\.newProxyInstance"
                    + "|ResourceBundle\\.getBundle|\\.newInstance\\(|\\.getDeclared\\w+\\(|\\.getRecordComponents\\("
                    + "|\\.(?:readValue|convertValue|treeToValue|valueToTree)\\(|\\.writeValueAs\\w+\\("
                    + "|\\.getResource\\w*\\(|ObjectInputStream");

    /** {@code file: call} and why it works natively. */
    private static final Map<String, String> ALLOWED = Map.ofEntries(
            Map.entry("boot/Roles.java: .getResourceAsStream(", "workflows/*.yaml are included"),
            Map.entry("boot/StartSettings.java: .getResource(", "application.properties is included"),
            Map.entry("boot/RedisBinary.java: .getResourceAsStream(", "left out on purpose; null leads to SL1006"),
            Map.entry("api/ErrorsResource.java: .getResourceAsStream(", "errors/*.md are included"),
            Map.entry("cli/ExplainCommand.java: .getResourceAsStream(", "errors/*.md are included"),
            Map.entry("queue/Script.java: .getResourceAsStream(", "lua/*.lua are included"),
            Map.entry("workflow/DslSchema.java: .getResourceAsStream(", "schema/workflow.yaml is included"),
            Map.entry("functions/OneFont.java: .getResourceAsStream(", "the font is in resource-config.json"),
            Map.entry("inference/SchemaOf.java: .getRecordComponents(", "records of users, who register them"),
            Map.entry("inference/SchemaOf.java: .getDeclaredConstructor(", "records of users, who register them"),
            Map.entry("inference/SchemaOf.java: .newInstance(", "records of users, who register them"),
            Map.entry("api/ResultsResource.java: .writeValueAsBytes(", "Views are registered by annotation"),
            Map.entry("api/FeedResource.java: .writeValueAsString(", "Views are registered by annotation"),
            Map.entry("store/Json.java: .writeValueAsString(", "it takes trees only"));

    @Test
    void everyClassThatLibrariesFindByNameIsRegistered() throws Exception {
        String expected = written(expected());
        if (System.getProperty("sluice.native.write") != null) Files.writeString(REFLECTION, expected);
        assertThat(Files.readString(REFLECTION)).isEqualTo(expected);
    }

    @Test
    void everyBundleAndServiceFileThatIsNamedExists() throws Exception {
        JsonNode config = new ObjectMapper()
                .readTree(FOLDER.resolve("resource-config.json").toFile());
        for (JsonNode bundle : config.path("bundles")) {
            assertThat(ResourceBundle.getBundle(bundle.path("name").asText()).keySet())
                    .isNotEmpty();
        }
        for (JsonNode include : config.path("resources").path("includes")) {
            String resource = "/" + include.path("pattern").asText().replace("\\", "");
            assertThat(NativeReadinessTest.class.getResource(resource))
                    .as(resource)
                    .isNotNull();
        }
    }

    /** By the service file, as OpenTelemetry's exporter finds it. */
    @Test
    void whatSendsSpansIsRegistered() throws Exception {
        Path folder = FOLDER.resolveSibling("sluice-inference");
        String service = "META-INF/services/io.opentelemetry.exporter.internal.http.HttpSenderProvider";
        try (var in = NativeReadinessTest.class.getResourceAsStream("/" + service)) {
            String provider = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(Files.readString(folder.resolve("reflect-config.json"))).contains("\"" + provider + "\"");
        }
        assertThat(Files.readString(folder.resolve("resource-config.json"))).contains(service.replace(".", "\\\\."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice-functions", "sluice-inference"})
    void everyClassOfTheSettingsForInitializationExists(String folder) throws Exception {
        Path settings = FOLDER.resolveSibling(folder).resolve("native-image.properties");
        var names = Pattern.compile("--initialize-at-run-time=(\\S+)").matcher(Files.readString(settings));
        assertThat(names.find()).isTrue();
        for (String name : names.group(1).split(","))
            assertThat(Class.forName(name)).isNotNull();
    }

    @Test
    void everyResourceOfOursIsIncluded() throws IOException {
        var settings = new Properties();
        try (var in = Files.newInputStream(RESOURCES.resolve("application.properties"))) {
            settings.load(in);
        }
        var globs = Arrays.stream(settings.getProperty("quarkus.native.resources.includes")
                        .split(","))
                .map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob))
                .toList();
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            // Quarkus reads META-INF/resources by itself; the rest of META-INF is for the compiler.
            assertThat(files.filter(Files::isRegularFile)
                            .map(RESOURCES::relativize)
                            .filter(file -> !file.startsWith("META-INF"))
                            .filter(file -> globs.stream().noneMatch(glob -> glob.matches(file))))
                    .isEmpty();
        }
    }

    @Test
    void whatIsFoundByNameHasAReasonWhyItIsFoundNatively() throws IOException {
        var found = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(MAIN)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Path name = MAIN.resolve("dev/sluice").relativize(file);
                BY_NAME.matcher(Files.readString(file))
                        .results()
                        .forEach(call -> found.add(name + ": " + call.group()));
            }
        }
        assertThat(found).isEqualTo(new TreeSet<>(ALLOWED.keySet()));
    }

    /** Class name to what is registered of it. */
    private static Map<String, String> expected() {
        var expected = new TreeMap<String, String>();
        ServiceLoader.load(Function.class).stream()
                .forEach(f -> expected.put(f.type().getName(), CONSTRUCTORS));
        return expected;
    }

    private static String written(Map<String, String> entries) {
        var lines = new ArrayList<String>();
        entries.forEach((name, what) -> lines.add("  {\"name\": \"" + name + "\", " + what + "}"));
        return "[\n" + String.join(",\n", lines) + "\n]\n";
    }
}
