package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What quarkus-kubernetes writes when the program is packaged does not contradict {@code knative/500-api.yaml}. */
class KnativeGeneratedIT {
    private static JsonNode generated;
    private static JsonNode written;

    @BeforeAll
    static void read() throws Exception {
        Path build = Path.of(System.getProperty("sluice.build.directory", "target"));
        generated = Manifests.read(build.resolve("kubernetes/knative.yml")).getFirst();
        written = Manifests.read(Path.of("knative/500-api.yaml")).getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apiVersion",
                "/kind",
                "/metadata/name",
                "/metadata/labels/app.kubernetes.io~1name",
                "/metadata/labels/app.kubernetes.io~1part-of",
                "/metadata/labels/networking.knative.dev~1visibility",
                "/spec/template/metadata/annotations/autoscaling.knative.dev~1class",
                "/spec/template/metadata/annotations/autoscaling.knative.dev~1metric",
                "/spec/template/metadata/annotations/autoscaling.knative.dev~1min-scale",
                "/spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale",
                "/spec/template/spec/containerConcurrency",
                "/spec/template/spec/containers/0/resources",
                "/spec/template/spec/containers/0/env/0",
                "/spec/template/spec/containers/0/envFrom/0",
                "/spec/template/spec/containers/0/ports/0/containerPort",
                "/spec/template/spec/containers/0/ports/0/name",
                "/spec/template/spec/containers/0/readinessProbe/httpGet/path",
                "/spec/template/spec/containers/0/livenessProbe/httpGet/path",
                "/spec/template/spec/containers/0/livenessProbe/initialDelaySeconds",
                "/spec/template/spec/containers/0/livenessProbe/periodSeconds",
                "/spec/template/spec/containers/0/livenessProbe/timeoutSeconds",
                "/spec/template/spec/containers/0/livenessProbe/failureThreshold"
            })
    void isTheSameInBoth(String pointer) {
        assertThat(written.at(pointer).isMissingNode()).as(pointer).isFalse();
        assertThat(generated.at(pointer)).isEqualTo(written.at(pointer));
    }

    @Test
    void theGeneratedOneHasNothingOfThisMoment() {
        assertThat(generated.toString()).doesNotContain("build-timestamp").doesNotContain("commit-id");
    }
}
