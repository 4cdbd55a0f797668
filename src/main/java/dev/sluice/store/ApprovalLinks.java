package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Approval;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The links by which a person answers: who has one may answer that one question, and nothing else. */
@ApplicationScoped
public class ApprovalLinks {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final SigningKey signing;
    private final String url;

    ApprovalLinks(SigningKey signing, @ConfigProperty(name = "sluice.url") String url) {
        this.signing = signing;
        this.url = url;
    }

    /** The question that a link is about. @param step key of the visit */
    public record Question(String run, String step) {
        private String text() {
            return run + "|" + step;
        }
    }

    /** {@code <sluice.url>/v1/approvals/<token>} */
    public String link(String run, String step) {
        return url + "/v1/approvals/" + token(new Question(run, step));
    }

    /** {@code base64url(run|step).signature} */
    String token(Question question) {
        String text = ENCODER.encodeToString(question.text().getBytes(StandardCharsets.UTF_8));
        return text + "." + signature(question);
    }

    /** A signature is good for nothing but what it was made for. */
    private String signature(Question question) {
        return signing.sign("approval\n" + question.text());
    }

    /** Empty when the token was not made here. */
    public Optional<Question> open(String token) {
        int dot = token.indexOf('.');
        if (dot < 1) return Optional.empty();
        try {
            byte[] text = Base64.getUrlDecoder().decode(token.substring(0, dot));
            String[] parts = new String(text, StandardCharsets.UTF_8).split("\\|", 2);
            if (parts.length < 2) return Optional.empty();
            var question = new Question(parts[0], parts[1]);
            // The text of the token itself, too, has one spelling only.
            boolean genuine = signing.isSigned("approval\n" + question.text(), token.substring(dot + 1))
                    && token(question).equals(token);
            return genuine ? Optional.of(question) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An event of {@code run} as it leaves: one that asks a person has the link under {@code data.link}. */
    public JsonNode added(String run, JsonNode event) {
        Optional<Approval> approval = Approval.of(run, event);
        if (approval.isEmpty()) return event;
        ObjectNode linked = event.deepCopy();
        ((ObjectNode) linked.get("data")).put("link", link(run, approval.get().step()));
        return linked;
    }
}
