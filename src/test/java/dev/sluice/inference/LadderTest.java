package dev.sluice.inference;

import static dev.sluice.inference.GatewayRig.account;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rung by rung to an answer that is valid against its schema. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
class LadderTest {
    private static final JsonNode SCHEMA =
            Texts.json("{'type': 'object', 'required': ['label'], 'properties': {'label': {'enum': ['a', 'b']}}}");
    private static final String GOOD = "{\"label\": \"b\"}";
    private static final String BAD = "{\"label\": \"c\"}";

    @Inject
    Vertx vertx;

    private GatewayRig rig;

    @BeforeEach
    void start() {
        rig = new GatewayRig(vertx);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static Ask ask(int attempt) {
        return new Ask("", "Classify.", "Some text", "label", SCHEMA, 300, account(attempt));
    }

    @Test
    void whatCanBeRepairedHereCostsNothingMore() {
        rig.a.say("Sure! {label: 'b',}");
        Answer answer = new Models(rig.gateway()).ask(ask(1));
        assertThat(answer.value()).isEqualTo(Texts.json("{'label': 'b'}"));
        assertThat(rig.a.requests).hasSize(1);
        assertThat(rig.lines()).extracting(Ledger.Entry::rung).containsExactly("asked");
    }

    @Test
    void theModelIsShownWhatWasWrongAndMayAnswerOnceMore() {
        rig.a.say(BAD);
        rig.a.then(GOOD);
        Answer answer = new Models(rig.gateway()).ask(ask(1));
        assertThat(answer.value()).isEqualTo(Texts.json("{'label': 'b'}"));
        assertThat(answer.usage()).isEqualTo(new Usage(2_000, 400, 6_000));
        JsonNode second = rig.a.requests.get(1);
        assertThat(second.at("/messages/2/content").asText()).isEqualTo(BAD);
        assertThat(second.at("/messages/3/content").asText()).contains("/label breaks \"enum\"");
        assertThat(rig.lines()).extracting(Ledger.Entry::rung).containsExactly("asked", "corrected");
        assertThat(rig.lines()).extracting(Ledger.Entry::costMicros).containsExactly(3_000L, 3_000L);
    }

    @Test
    void anotherModelIsAskedWhenThisOneCannot() {
        rig.a.say(BAD);
        rig.c.say(GOOD);
        Answer answer = new Models(rig.gateway("routes.smart.escalate", "c")).ask(ask(1));
        assertThat(answer.endpoint()).isEqualTo("c");
        assertThat(rig.a.requests).hasSize(2);
        assertThat(rig.lines()).extracting(Ledger.Entry::rung).containsExactly("asked", "corrected", "escalated");
    }

    @Test
    void afterACrashEveryRungIsClimbedAgainForNothing() {
        rig.a.say(BAD);
        rig.a.then(GOOD);
        new Models(rig.gateway()).ask(ask(1));
        Answer again = new Models(rig.gateway()).ask(ask(2));
        assertThat(again.value()).isEqualTo(Texts.json("{'label': 'b'}"));
        assertThat(again.usage()).isEqualTo(Usage.NONE);
        assertThat(rig.a.requests).hasSize(2);
    }

    @Test
    void answersThatCouldNotBeUsedAreNotUsedByTheNextAttempt() {
        rig.a.say(BAD);
        ProblemException failed =
                catchThrowableOfType(ProblemException.class, () -> new Models(rig.gateway()).ask(ask(1)));
        assertThat(failed.problem().code()).isEqualTo("SL5003");
        assertThat(failed.problem().retryable()).isTrue();
        assertThat(failed.usage().costMicros()).isEqualTo(6_000);
        rig.a.say(GOOD);
        assertThat(new Models(rig.gateway()).ask(ask(2)).value()).isEqualTo(Texts.json("{'label': 'b'}"));
        assertThat(rig.a.requests).hasSize(3);
    }

    @Test
    void anImageThatOnlyThisNetworkHasIsNotAskedFor() {
        var request = (com.fasterxml.jackson.databind.node.ObjectNode)
                Texts.json("{'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {'url':"
                        + " 'http://169.254.169.254/latest/meta-data'}}]}]}");
        ProblemException failed = catchThrowableOfType(
                ProblemException.class, () -> new Models(rig.gateway()).chat(new Chat("", request, Account.NOBODY)));
        assertThat(failed.problem().code()).isEqualTo("SL4017");
        assertThat(rig.a.requests).isEmpty();
    }
}
