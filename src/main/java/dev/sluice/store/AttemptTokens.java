package dev.sluice.store;

import dev.sluice.queue.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of attempts for those who send a result later: {@code base64url(<run>|<step>|<attempt>)}, a dot and its
 * signature. Who has the token may settle that attempt and nothing else.
 */
@ApplicationScoped
public class AttemptTokens {
    private static final Pattern TOKEN = Pattern.compile("([A-Za-z0-9_-]{1,20000})\\.([0-9a-f]{32})");

    /** A step's name may hold a bar; a run's does not, and an attempt is a number. */
    private static final Pattern ATTEMPT = Pattern.compile("([^|]+)\\|(.*)\\|(\\d{1,9})", Pattern.DOTALL);

    private final SigningKey signing;

    AttemptTokens(SigningKey signing) {
        this.signing = signing;
    }

    /** @param step key of the visit; @param number from 1 */
    public record Attempt(String run, String step, int number) {}

    public String issue(Task task) {
        String id = task.attemptId();
        String name = Base64.getUrlEncoder().withoutPadding().encodeToString(id.getBytes(StandardCharsets.UTF_8));
        return name + "." + signing.sign(signed(id));
    }

    /** @return empty when it is no token, or another Sluice has signed it */
    public Optional<Attempt> read(String token) {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) return Optional.empty();
        String id;
        try {
            id = new String(Base64.getUrlDecoder().decode(parts.group(1)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        Matcher attempt = ATTEMPT.matcher(id);
        if (!signing.isSigned(signed(id), parts.group(2)) || !attempt.matches()) return Optional.empty();
        return Optional.of(new Attempt(attempt.group(1), attempt.group(2), Integer.parseInt(attempt.group(3))));
    }

    /** With a word of its own, so that no other signature of the same key passes for one. */
    private static String signed(String id) {
        return "attempt\n" + id;
    }
}
