package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The few settings that are needed before Quarkus starts, read where Quarkus will read them: system properties, the
 * environment, {@code config/application.properties}, then the {@code application.properties} inside the jar.
 *
 * @param data {@code sluice.data}, default {@code ./data}
 * @param http {@code quarkus.http.host} and {@code quarkus.http.port}, default 0.0.0.0 and 8080 as in Quarkus
 * @param usesRedis false for a process whose only role is {@code functions}
 * @param redisHosts {@code quarkus.redis.hosts}; empty means the embedded Redis
 * @param redisEmbedded {@code sluice.redis.embedded}, default true
 * @param appendFsync {@code sluice.redis.appendfsync}: {@code everysec} (default), {@code always} or {@code no}
 * @param model {@code sluice.inference.model}, default {@code offline}
 * @param modelUrl of the endpoint with that name; empty when there is none
 */
record StartSettings(
        Path data,
        HttpPort http,
        boolean usesRedis,
        Optional<String> redisHosts,
        boolean redisEmbedded,
        String appendFsync,
        String model,
        Optional<String> modelUrl) {
    private static final List<String> APPEND_FSYNC = List.of("always", "everysec", "no");

    StartSettings {
        if (!APPEND_FSYNC.contains(appendFsync)) {
            throw Problem.of(
                            Code.SL1007,
                            "sluice.redis.appendfsync is " + appendFsync + "; it must be one of "
                                    + String.join(", ", APPEND_FSYNC) + ".")
                    .asException();
        }
        if (usesRedis && !redisEmbedded && redisHosts.isEmpty()) {
            throw Problem.of(
                            Code.SL1007,
                            "sluice.redis.embedded is false and quarkus.redis.hosts is not set. Set one, such as"
                                    + " QUARKUS_REDIS_HOSTS=redis://redis:6379.")
                    .asException();
        }
    }

    static StartSettings read() {
        return from(sources());
    }

    static StartSettings from(SmallRyeConfig sources) {
        try {
            String model = sources.getOptionalValue("sluice.inference.model", String.class)
                    .orElse("offline");
            return new StartSettings(
                    Path.of(sources.getOptionalValue("sluice.data", String.class)
                            .orElse("data")),
                    new HttpPort(
                            sources.getOptionalValue("quarkus.http.host", String.class)
                                    .orElse("0.0.0.0"),
                            sources.getOptionalValue("quarkus.http.port", Integer.class)
                                    .orElse(8080)),
                    !sources.getOptionalValue("sluice.roles", String.class)
                            .orElse("")
                            .strip()
                            .equals("functions"),
                    sources.getOptionalValue("quarkus.redis.hosts", String.class),
                    sources.getOptionalValue("sluice.redis.embedded", Boolean.class)
                            .orElse(true),
                    sources.getOptionalValue("sluice.redis.appendfsync", String.class)
                            .orElse("everysec"),
                    model,
                    sources.getOptionalValue("sluice.inference.endpoints." + model + ".url", String.class));
        } catch (IllegalArgumentException e) {
            throw Problem.of(Code.SL1007, e.getMessage()).asException();
        }
    }

    /** {@code prod} unless said otherwise, as in Quarkus. */
    private static String profile() {
        String said = System.getProperty("quarkus.profile", System.getenv("QUARKUS_PROFILE"));
        return said == null || said.isBlank() ? "prod" : said;
    }

    /** Not {@code ConfigProvider.getConfig()}: that would fix a configuration in place before Quarkus makes its own. */
    private static SmallRyeConfig sources() {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withProfile(profile())
                .addDefaultInterceptors()
                .addSystemSources();
        try {
            Path beside = Path.of("config", "application.properties");
            if (Files.isReadable(beside)) {
                builder.withSources(new PropertiesConfigSource(beside.toUri().toURL(), 260));
            }
            URL inside = StartSettings.class.getClassLoader().getResource("application.properties");
            if (inside != null) builder.withSources(new PropertiesConfigSource(inside, 250));
        } catch (IOException e) {
            throw Problem.of(Code.SL1007, "cannot read application.properties: " + e.getMessage())
                    .asException();
        }
        return builder.build();
    }
}
