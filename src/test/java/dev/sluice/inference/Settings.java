package dev.sluice.inference;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Settings as they come out of configuration. */
final class Settings {
    private Settings() {}

    /** @param properties names below {@code sluice.inference.} */
    static InferenceSettings of(Map<String, String> properties) {
        Map<String, String> prefixed = new java.util.TreeMap<>();
        properties.forEach((name, value) -> prefixed.put("sluice.inference." + name, value));
        return new SmallRyeConfigBuilder()
                .withMapping(InferenceSettings.class)
                .withSources(new PropertiesConfigSource(prefixed, "test", 100))
                .build()
                .getConfigMapping(InferenceSettings.class);
    }

    static InferenceSettings ofEnvironment(Map<String, String> variables) {
        return new SmallRyeConfigBuilder()
                .withMapping(InferenceSettings.class)
                .withSources(new EnvConfigSource(variables, 300))
                .build()
                .getConfigMapping(InferenceSettings.class);
    }
}
