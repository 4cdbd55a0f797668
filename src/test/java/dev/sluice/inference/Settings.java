package dev.sluice.inference;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Settings as they come out of configuration. */
final class Settings {
    private Settings() {}

    /** @param properties names below {@code sluice.inference.} */
    static InferenceSettings of(Map<String, String> properties) {
        Map<String, String> prefixed = new TreeMap<>();
        properties.forEach((name, value) -> prefixed.put("sluice.inference." + name, value));
        return builder()
                .withMapping(InferenceSettings.class)
                .withSources(new PropertiesConfigSource(prefixed, "test", 100))
                .build()
                .getConfigMapping(InferenceSettings.class);
    }

    static InferenceSettings ofEnvironment(Map<String, String> variables) {
        return builder()
                .withMapping(InferenceSettings.class)
                .withSources(new EnvConfigSource(variables, 300))
                .build()
                .getConfigMapping(InferenceSettings.class);
    }

    /** With the converter that Quarkus brings: {@code 120s} is not a duration by the standard. */
    private static SmallRyeConfigBuilder builder() {
        return new SmallRyeConfigBuilder().withConverter(Duration.class, 200, new DurationConverter());
    }
}
