package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is true of all files in {@code knative/}. */
class KnativeManifestsTest {
    private static final Path FOLDER = Path.of("knative");
    private static final Path MAIN = Path.of("src/main");

    /** Kinds with pods, by where the pods are described. */
    private static final Set<String> WORKLOADS = Set.of("Deployment", "Service");

    private static List<JsonNode> manifests() throws IOException {
        var all = new ArrayList<JsonNode>();
        for (JsonNode file :
                Manifests.read(FOLDER.resolve("kustomization.yaml")).getFirst().path("resources")) {
            all.addAll(Manifests.read(FOLDER.resolve(file.asText())));
        }
        return all;
    }

    /** With pods, Redis left out when {@code own}. */
    private static List<JsonNode> workloads(boolean own) throws IOException {
        return manifests().stream()
                .filter(manifest -> WORKLOADS.contains(Manifests.kind(manifest)))
                .filter(manifest ->
                        !manifest.at("/spec/template/spec/containers").isMissingNode())
                .filter(manifest -> !own || !Manifests.name(manifest).equals("redis"))
                .toList();
    }

    private static List<JsonNode> knativeServices() throws IOException {
        return workloads(true).stream()
                .filter(manifest -> manifest.path("apiVersion").asText().startsWith("serving.knative.dev/"))
                .toList();
    }

    @Test
    void filesAreAppliedInTheOrderOfTheirNumbersAndNoneIsForgotten() throws IOException {
        List<String> applied = new ArrayList<>();
        Manifests.read(FOLDER.resolve("kustomization.yaml"))
                .getFirst()
                .path("resources")
                .forEach(file -> applied.add(file.asText()));
        assertThat(applied).isSorted().allMatch(name -> name.matches("[1-7]\\d0-[a-z-]+\\.yaml"));
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.matches("\\d.*"))
                            .filter(name -> !name.contains(".example.")))
                    .containsExactlyInAnyOrderElementsOf(applied);
        }
    }

    @Test
    void everyImageIsTheSameAndPinnedInOnePlace() throws IOException {
        for (JsonNode workload : workloads(true)) {
            assertThat(Manifests.container(workload).path("image").asText())
                    .as(Manifests.name(workload))
                    .isEqualTo("sluice");
        }
        JsonNode images =
                Manifests.read(FOLDER.resolve("kustomization.yaml")).getFirst().path("images");
        assertThat(images).hasSize(2).allSatisfy(image -> {
            assertThat(image.path("newTag").asText()).isNotEmpty().isNotEqualTo("latest");
            assertThat(image.path("newName").asText()).matches("(dev\\.local/)?[a-z]+");
        });
    }

    @Test
    void everyContainerHasBoundsProbesAndNoPrivilege() throws IOException {
        for (JsonNode workload : workloads(false)) {
            JsonNode container = Manifests.container(workload);
            String name = Manifests.name(workload);
            for (String of : List.of("requests", "limits")) {
                assertThat(container.at("/resources/" + of + "/memory").asText())
                        .as(name)
                        .isNotEmpty();
                assertThat(container.at("/resources/" + of + "/cpu").asText())
                        .as(name)
                        .isNotEmpty();
            }
            assertThat(container.path("securityContext"))
                    .as(name)
                    .isEqualTo(Manifests.yaml("{runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532,"
                            + " allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,"
                            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"));
            assertThat(container.has("readinessProbe") && container.has("livenessProbe"))
                    .as(name)
                    .isTrue();
            JsonNode pod = workload.at("/spec/template/spec");
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true))
                    .as(name)
                    .isFalse();
            assertThat(pod.path("hostNetwork").isMissingNode()).as(name).isTrue();
        }
    }

    /** The root file system is read-only: what is written must have a place. */
    @Test
    void whereSluiceWritesIsAVolume() throws IOException {
        for (JsonNode workload : workloads(true)) {
            List<String> paths = Manifests.container(workload).findValuesAsText("mountPath");
            assertThat(paths).as(Manifests.name(workload)).contains("/data", "/tmp");
            assertThat(workload.at("/spec/template/spec/volumes").findValuesAsText("name"))
                    .containsExactlyInAnyOrderElementsOf(
                            Manifests.container(workload).path("volumeMounts").findValuesAsText("name"));
        }
    }

    @Test
    void everyFunctionOfTheBuildHasAServiceOfItsName() throws IOException {
        Set<String> functions = Manifests.found(MAIN.resolve("java"), Pattern.compile("@Funq\\(\"([a-z]+)\"\\)"));
        functions.remove("orchestrate");
        assertThat(knativeServices())
                .filteredOn(service -> "functions"
                        .equals(service.at("/spec/template/metadata/labels/sluice.dev~1part")
                                .asText()))
                .extracting(Manifests::name)
                .containsExactlyInAnyOrderElementsOf(functions);
    }

    @Test
    void everyKnativeServiceRestsAtZeroAndHasABound() throws IOException {
        for (JsonNode service : knativeServices()) {
            JsonNode annotations = service.at("/spec/template/metadata/annotations");
            String name = Manifests.name(service);
            assertThat(annotations.path("autoscaling.knative.dev/class").asText())
                    .as(name)
                    .startsWith("kpa.");
            assertThat(annotations.path("autoscaling.knative.dev/metric").asText())
                    .as(name)
                    .isEqualTo("concurrency");
            assertThat(annotations.path("autoscaling.knative.dev/min-scale").asText())
                    .as(name)
                    .isEqualTo("0");
            assertThat(annotations.path("autoscaling.knative.dev/max-scale").asInt())
                    .as(name)
                    .isBetween(1, 20);
            assertThat(service.at("/spec/template/spec/containerConcurrency").asInt())
                    .as(name)
                    .isPositive();
            assertThat(service.at("/metadata/labels/networking.knative.dev~1visibility")
                            .asText())
                    .as("there is no login: " + name)
                    .isEqualTo("cluster-local");
        }
    }

    @Test
    void everySettingIsOneThatTheProgramKnows() throws IOException {
        Set<String> known = knownSettings();
        for (String name : settings()) {
            assertThat(known).as(name).anyMatch(pattern -> name.matches(pattern));
        }
    }

    private static Set<String> settings() throws IOException {
        var names = new TreeSet<String>();
        for (JsonNode manifest : manifests()) {
            if (Manifests.kind(manifest).equals("ConfigMap"))
                manifest.path("data").fieldNames().forEachRemaining(names::add);
        }
        for (JsonNode workload : workloads(true)) {
            names.addAll(Manifests.container(workload).path("env").findValuesAsText("name"));
        }
        assertThat(names).hasSizeGreaterThan(15);
        return names;
    }

    /** Regular expressions of environment variables: of the properties in the file, and of the mapped interfaces. */
    private static Set<String> knownSettings() throws IOException {
        Set<String> properties = Manifests.found(
                MAIN.resolve("resources"), Pattern.compile("(?m)^#?((?:sluice|quarkus)\\.[\\w.\"-]+)="));
        properties.addAll(Manifests.found(MAIN.resolve("java"), Pattern.compile("\"(sluice\\.[a-z.-]+)\"")));
        for (String window : List.of("min", "max", "initial")) {
            properties.add("sluice.dispatch.window." + window);
            properties.add("sluice.dispatch.functions.\"name\".window." + window);
        }
        properties.add("sluice.dispatch.namespace");
        properties.add("sluice.inference.url");
        return properties.stream()
                .map(name -> name.replaceAll("\"[^\"]+\"", "NAME")
                        .replaceAll("[.\"-]", "_")
                        .toUpperCase(java.util.Locale.ROOT)
                        .replace("NAME", "[A-Z0-9_]+"))
                .collect(Collectors.toSet());
    }

    @Test
    void noSecretHasAValue() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
                for (JsonNode manifest : Manifests.read(file)) {
                    assertThat(manifest.path("data").properties())
                            .filteredOn(entry -> Manifests.kind(manifest).equals("Secret"))
                            .isEmpty();
                    assertThat(manifest.path("stringData").properties())
                            .as(file.toString())
                            .allMatch(entry -> entry.getValue().asText().isEmpty());
                }
                assertThat(Files.readString(file))
                        .doesNotContainPattern("(?i)(password|_key|_token|secret): *[^\\s\"\\[{]");
            }
        }
    }

    @Test
    void everySecretAndConfigMapThatIsNamedExistsOrIsOptional() throws IOException {
        Set<String> maps = manifests().stream()
                .filter(manifest -> Manifests.kind(manifest).equals("ConfigMap"))
                .map(Manifests::name)
                .collect(Collectors.toSet());
        for (JsonNode workload : workloads(true)) {
            for (JsonNode from : Manifests.container(workload).path("envFrom")) {
                if (from.has("secretRef"))
                    assertThat(from.at("/secretRef/optional").asBoolean()).isTrue();
                else assertThat(maps).contains(from.at("/configMapRef/name").asText());
            }
        }
    }

    /** Only those that tell Redis from others by this label may reach it. */
    @Test
    void whoKnowsRedisMayReachItAndNobodyElse() throws IOException {
        for (JsonNode workload : workloads(true)) {
            boolean knows =
                    Manifests.container(workload).findValuesAsText("name").contains("sluice");
            boolean mayReach = workload.at("/spec/template/metadata/labels").has("sluice.dev/redis");
            boolean isFunction = workload.at("/spec/template/metadata/labels/sluice.dev~1part")
                    .asText()
                    .equals("functions");
            assertThat(mayReach)
                    .as(Manifests.name(workload))
                    .isEqualTo(!isFunction)
                    .isEqualTo(knows && !isFunction);
        }
    }

    @Test
    void alertsAskForMetricsThatThereAre() throws IOException {
        Set<String> metrics = Manifests.found(MAIN.resolve("java"), Pattern.compile("\"(sluice\\.[a-z.]+)\"")).stream()
                .map(name -> name.replace('.', '_'))
                .collect(Collectors.toSet());
        Matcher asked =
                Pattern.compile("sluice_[a-z_]+").matcher(Files.readString(FOLDER.resolve("monitoring/alerts.yaml")));
        while (asked.find()) {
            assertThat(metrics).contains(asked.group().replaceFirst("_total$", ""));
        }
    }

    /** KEDA asks at a service's port, which leads to a pod's, which is the one of the setting. */
    @Test
    void theScalerIsWhereKedaIsToldToAsk() throws IOException {
        List<JsonNode> scaler = Manifests.read(FOLDER.resolve("keda/scaler.yaml"));
        assertThat(scaler.get(0).at("/spec/triggers/0/metadata/scalerAddress").asText())
                .startsWith(Manifests.name(scaler.get(1)) + ".")
                .endsWith(":" + scaler.get(1).at("/spec/ports/0/port").asInt());
        String patches = Manifests.read(FOLDER.resolve("keda/kustomization.yaml"))
                .getFirst()
                .path("patches")
                .toString();
        assertThat(patches)
                .contains("SLUICE_SCALER_PORT, value: \\\"9095\\\"")
                .contains("{name: scaler, containerPort: 9095}");
    }
}
