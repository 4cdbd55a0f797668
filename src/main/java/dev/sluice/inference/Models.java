package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** Asks models. Which one answers, where and at what price is configuration alone, see {@link InferenceSettings}. */
@ApplicationScoped
public class Models {
    private final Gateway gateway;

    /** For the container's proxy. */
    Models() {
        this(null);
    }

    @Inject
    Models(Gateway gateway) {
        this.gateway = gateway;
    }

    /**
     * Asks for a value that is valid against a schema. Blocks until it is there: call it on a virtual thread. An
     * interrupt of the thread ends the call and closes the connection. The same question in the same step, asked by
     * another attempt, has the same answer and costs nothing.
     *
     * @return an answer that is valid against {@link Ask#schema}
     * @throws ProblemException SL4008 when the schema itself is not valid, SL5001 to SL5010, or SL1007 when an endpoint
     *     is configured wrongly; with the usage already paid
     */
    public Answer ask(Ask ask) {
        var chat = new Chat(ask.model(), ChatRequest.of(ask), ask.account());
        return ask(chat, ask.schemaName(), ask.schema());
    }

    /**
     * As {@link #ask(Ask)}, with messages and images in the words of the protocol. @param chat without tools and
     * without a {@code response_format}
     */
    public Answer ask(Chat chat, String schemaName, JsonNode schema) {
        AnswerSchema.mistake(schema).ifPresent(mistake -> {
            String detail = "the schema \"" + schemaName + "\" of the answer cannot be used: " + mistake;
            throw Problem.of(Code.SL4008, detail).asException();
        });
        return new Ladder(gateway, chat, schemaName, schema).climb();
    }

    /**
     * Sends a chat completion as it is, tools and images included. As {@link #ask(Ask)}, but for the schema.
     *
     * @return whatever the model said, a call of tools too
     */
    public Reply chat(Chat chat) {
        Completion completion = gateway.complete(call(Operation.CHAT, chat), null);
        return new Reply(completion.body(), completion.usage(), completion.endpoint(), completion.model());
    }

    /**
     * Makes vectors of texts, one of each, in their order. As {@link #ask(Ask)} in all else; but more than 1 MiB of
     * them are not kept for a later attempt, which buys them again.
     *
     * @param texts 1 or more, none empty
     * @throws ProblemException also SL5003 when there is not one vector for each text; a later attempt then buys others
     */
    public Embedded embed(String model, List<String> texts, Account account) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        var input = request.putArray("input");
        texts.forEach(input::add);
        ModelCall call = call(Operation.EMBEDDINGS, new Chat(model, request, account));
        Completion completion = gateway.complete(call, null);
        try {
            return Embedded.of(completion, texts.size());
        } catch (ProblemException unusable) {
            gateway.forget(account, List.of(call.key()));
            throw unusable;
        }
    }

    private static ModelCall call(Operation operation, Chat chat) {
        Account account = chat.account();
        String key = account.keyOf(chat.model(), chat.request());
        return new ModelCall(
                operation, chat.model(), chat.request(), account, key, Ladder.ASKED, true, account.traceparent());
    }

    /**
     * Fails when nothing is meant by the default alias, or when settings cannot be used; then keeps up what this
     * process buys, and makes good what others left.
     *
     * @throws ProblemException SL1007
     */
    public void start() {
        gateway.start();
    }

    public void stop() {
        gateway.stop();
    }
}
