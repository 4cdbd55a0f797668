package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Gets an answer that is valid against a schema, rung by rung: what can be repaired locally is; else the model is shown
 * what was wrong and asked once more; else another model is asked, if the route names one. Each rung is a call of its
 * own, with its own line in the ledger and its own entry in the journal. For one use.
 */
final class Ladder {
    private static final Logger LOG = Logger.getLogger(Ladder.class);

    static final String ASKED = "asked";
    static final String CORRECTED = "corrected";
    static final String ESCALATED = "escalated";

    /** 4,000 characters of the answer that was wrong: more of it would cost more than it explains. */
    private static final int SHOWN_MAX = 4_000;

    private final Gateway gateway;
    private final Chat ask;
    private final String schemaName;
    private final JsonNode schema;
    private final ObjectNode request;
    private final List<String> keys = new ArrayList<>();
    private Usage usage = Usage.NONE;
    private Completion last;
    private String flaw = "";

    /** @param ask without a {@code response_format} */
    Ladder(Gateway gateway, Chat ask, String schemaName, JsonNode schema) {
        this.gateway = gateway;
        this.ask = ask;
        this.schemaName = schemaName;
        this.schema = schema;
        this.request = ChatRequest.answeredBy(ask.request(), schemaName, schema);
    }

    /** @throws ProblemException SL5003 when no rung gave a valid answer; a later attempt then buys others */
    Answer climb() {
        try {
            Optional<JsonNode> value = rung(ask.model(), request, ASKED);
            if (value.isEmpty()) value = rung(ask.model(), correction(), CORRECTED);
            Optional<String> other = last.escalation();
            if (value.isEmpty() && other.isPresent()) value = rung(other.get(), request, ESCALATED);
            if (value.isPresent()) return new Answer(value.get(), usage, last.endpoint(), last.model());
        } catch (ProblemException e) {
            throw new ProblemException(e.problem(), usage.plus(e.usage()), e);
        }
        forget();
        String whose = "model \"" + last.model() + "\" at endpoint \"" + last.endpoint() + "\"";
        throw new ProblemException(EndpointFailure.unusable(whose, flaw), usage, null);
    }

    /** What fails here is not what failed: the next attempt then gets the same answers, and climbs once more. */
    private void forget() {
        try {
            gateway.forget(ask.account(), keys);
        } catch (ProblemException e) {
            LOG.warnf(
                    "run=%s step=%s: answers that could not be used are not forgotten: %s",
                    ask.account().run(), ask.account().step(), e.problem().oneLine());
        }
    }

    private Optional<JsonNode> rung(String alias, ObjectNode asked, String rung) {
        String key = ask.account().keyOf(alias, asked);
        var call = new ModelCall(
                Operation.CHAT,
                alias,
                asked,
                ask.account(),
                key,
                rung,
                true,
                ask.account().traceparent());
        last = gateway.complete(call, null);
        keys.add(key);
        usage = usage.plus(last.usage());
        return value(last.body());
    }

    private Optional<JsonNode> value(JsonNode completion) {
        Optional<String> wrong = ChatAnswer.flaw(completion);
        Optional<JsonNode> value =
                wrong.isPresent() ? Optional.empty() : JsonRepair.value(ChatAnswer.content(completion), this::fits);
        if (value.isPresent()) {
            wrong = AnswerSchema.flaw(schema, value.get())
                    .map(where -> "it does not match the schema \"" + schemaName + "\": " + where);
        }
        flaw = wrong.orElse("it is not JSON");
        return value.isPresent() && wrong.isEmpty() ? value : Optional.empty();
    }

    private boolean fits(JsonNode value) {
        return AnswerSchema.flaw(schema, value).isEmpty();
    }

    /** The same conversation, with the answer and what is wrong with it. */
    private ObjectNode correction() {
        ObjectNode corrected = request.deepCopy();
        String said = ChatAnswer.content(last.body());
        String shown = said.length() <= SHOWN_MAX ? said : said.substring(0, SHOWN_MAX) + "…";
        var messages = corrected.withArray("messages");
        messages.addObject().put("role", "assistant").put("content", shown);
        messages.addObject()
                .put("role", "user")
                .put(
                        "content",
                        "This answer cannot be used: " + flaw
                                + ". Answer again, with one JSON value that is valid against the schema and nothing"
                                + " else.");
        return corrected;
    }
}
