package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Task;
import io.vertx.redis.client.Command;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptTokensTest {
    private final RealStore store = new RealStore();
    private final AttemptTokens tokens = store.tokens();

    private static Task task(String step) {
        return new Task("default.test.0-1", step, 3, "f", "{}", T0, "key", Duration.ZERO, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/do/0/x", "/do/0/a|b|7", "/do/0/ä\n#1.2!3", "/do/0/x/fork/branches/0/\"y\""})
    void aTokenNamesItsAttempt(String step) {
        String token = tokens.issue(task(step));
        assertThat(token).matches("[A-Za-z0-9_-]+\\.[0-9a-f]{32}");
        assertThat(tokens.read(token)).contains(new AttemptTokens.Attempt("default.test.0-1", step, 3));
    }

    @Test
    void everyProcessOfADeploymentReadsIt() {
        assertThat(store.tokens().read(tokens.issue(task("/do/0/x")))).isPresent();
    }

    @Test
    void aTokenOfAnotherDeploymentIsNone() {
        String token = tokens.issue(task("/do/0/x"));
        store.redis.send(Command.DEL, Keys.signingKey());
        assertThat(store.tokens().read(token)).isEmpty();
    }

    @Test
    void theTokenOfOneAttemptIsNoneForAnother() {
        String signature = tokens.issue(task("/do/0/x")).split("\\.")[1];
        String other = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("default.test.0-1|/do/0/x|4".getBytes(StandardCharsets.UTF_8));
        assertThat(tokens.read(other + "." + signature)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "a", "a.b", "%%%.0123456789abcdef0123456789abcdef", "a.0123456789abcdef0123456789abcdef"
            })
    void whatIsNoTokenIsNone(String text) {
        assertThat(tokens.read(text)).isEmpty();
    }

    @Test
    void theMarkOfASecretIsNoSignatureOfAnAttempt() {
        var signing = new SigningKey(store.redis.link);
        String id = "default.test.0-1|/do/0/x|1";
        String name = Base64.getUrlEncoder().withoutPadding().encodeToString(id.getBytes(StandardCharsets.UTF_8));
        assertThat(tokens.read(name + "." + signing.sign(id))).isEmpty();
    }
}
