package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** What the native image is told about the document readers stays true when a library is upgraded. */
class NativeImageTest {
    private static final String FOLDER = "/META-INF/native-image/dev.sluice/sluice-functions/";

    private static JsonNode read(String file) throws IOException {
        try (InputStream in = NativeImageTest.class.getResourceAsStream(FOLDER + file)) {
            return new ObjectMapper().readTree(in);
        }
    }

    @Test
    void everyResourceNamedForTheNativeImageExists() throws Exception {
        JsonNode config = read("resource-config.json");
        for (JsonNode include : config.path("resources").path("includes")) {
            String resource = "/" + include.path("pattern").asText().replace("\\.", ".");
            assertThat(NativeImageTest.class.getResource(resource)).as(resource).isNotNull();
        }
    }

    @Test
    void everyClassNamedForTheNativeImageExistsAndCanBeMade() throws Exception {
        for (JsonNode named : read("reflect-config.json")) {
            assertThat(Class.forName(named.path("name").asText()).getDeclaredConstructor())
                    .isNotNull();
        }
    }
}
