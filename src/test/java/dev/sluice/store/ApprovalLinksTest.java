package dev.sluice.store;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.ApprovalLinks.Question;
import org.junit.jupiter.api.Test;

class ApprovalLinksTest {
    private static final Question QUESTION = new Question("default.test.0-abc", "/do/0/a|b#7!1");

    private final RealStore store = new RealStore();
    private final String token = store.links.token(QUESTION);

    @Test
    void aTokenNamesItsQuestionAndFitsIntoAPath() {
        assertThat(token).matches("[A-Za-z0-9_-]+\\.[0-9a-f]{32}");
        assertThat(store.links.open(token)).contains(QUESTION);
        assertThat(store.links.link(QUESTION.run(), QUESTION.step()))
                .isEqualTo("http://sluice.test/v1/approvals/" + token);
    }

    @Test
    void aTokenOfWhichAnyCharacterIsAnotherIsRefused() {
        for (int i = 0; i < token.length(); i++) {
            char other = token.charAt(i) == 'a' ? 'b' : 'a';
            String changed = token.substring(0, i) + other + token.substring(i + 1);
            assertThat(store.links.open(changed)).as(changed).isEmpty();
            assertThat(store.links.open(token.substring(0, i))).isEmpty();
        }
        assertThat(store.links.open(token + "=")).isEmpty();
        assertThat(store.links.open("")).isEmpty();
    }

    @Test
    void aSignatureOfAnotherKindOpensNothing() {
        var signing = new SigningKey(store.redis.link);
        String text = token.substring(0, token.indexOf('.') + 1);
        assertThat(store.links.open(text + signing.sign(QUESTION.run() + "|" + QUESTION.step())))
                .isEmpty();
    }

    @Test
    void onlyTheRunsOwnRequestLeavesWithALink() {
        JsonNode request = json("""
                {id: 'r:/do/0/x', source: '/runs/r', type: 'dev.sluice.approval.requested.v1', data: {step: '/do/0/x'}}
                """);
        assertThat(store.links.added("r", request).at("/data/link").asText())
                .isEqualTo(store.links.link("r", "/do/0/x"));
        assertThat(request.at("/data/link").isMissingNode()).isTrue();
        assertThat(store.links.added("s", request)).isSameAs(request);
        JsonNode other = json("{id: 'r:/do/0/x', source: '/runs/r', type: 'x', data: {step: '/do/0/x'}}");
        assertThat(store.links.added("r", other)).isSameAs(other);
    }
}
