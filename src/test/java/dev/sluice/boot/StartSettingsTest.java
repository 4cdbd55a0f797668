package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartSettingsTest {
    @Test
    void nothingHasToBeSet() {
        StartSettings settings = from(Map.of());
        assertThat(settings.data()).isEqualTo(Path.of("data"));
        assertThat(settings.http().port()).isEqualTo(8080);
        assertThat(settings.redisHosts()).isEmpty();
        assertThat(settings.redisEmbedded()).isTrue();
        assertThat(settings.appendFsync()).isEqualTo("everysec");
    }

    @Test
    void everythingCanBeSet() {
        StartSettings settings = from(Map.of(
                "sluice.data", "/srv/sluice",
                "quarkus.http.host", "0.0.0.0",
                "quarkus.http.port", "9090",
                "quarkus.redis.hosts", "redis://redis:6379",
                "sluice.redis.embedded", "false",
                "sluice.redis.appendfsync", "always",
                "sluice.inference.model", "small"));
        assertThat(settings.data()).isEqualTo(Path.of("/srv/sluice"));
        assertThat(settings.http().url()).isEqualTo("http://localhost:9090");
        assertThat(settings.redisHosts()).contains("redis://redis:6379");
        assertThat(settings.appendFsync()).isEqualTo("always");
        assertThat(settings.model()).contains("small");
    }

    @Test
    void aPortThatIsNoNumberIsNamed() {
        assertThatThrownBy(() -> from(Map.of("quarkus.http.port", "http")))
                .hasMessageStartingWith("SL1007 Configuration not valid: ")
                .hasMessageContaining("quarkus.http.port");
    }

    @Test
    void aPortOutOfBoundsIsNamed() {
        assertThatThrownBy(() -> from(Map.of("quarkus.http.port", "70000")))
                .hasMessage("SL1007 Configuration not valid: quarkus.http.port is 70000; it must be 0 to 65535.");
    }

    @Test
    void anUnknownAppendFsyncIsRefused() {
        assertThatThrownBy(() -> from(Map.of("sluice.redis.appendfsync", "never")))
                .hasMessageContaining("SL1007")
                .hasMessageContaining("always, everysec, no");
    }

    @Test
    void noRedisAtAllIsRefused() {
        assertThatThrownBy(() -> from(Map.of("sluice.redis.embedded", "false")))
                .hasMessageContaining("SL1007")
                .hasMessageContaining("QUARKUS_REDIS_HOSTS");
    }

    private static StartSettings from(Map<String, String> properties) {
        return StartSettings.from(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build());
    }
}
