package dev.sluice.inference;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

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
        AnswerSchema.mistake(ask.schema()).ifPresent(mistake -> {
            String detail = "the schema \"" + ask.schemaName() + "\" of the answer cannot be used: " + mistake;
            throw Problem.of(Code.SL4008, detail).asException();
        });
        return new Ladder(gateway, ask).climb();
    }

    /**
     * Sends a chat completion as it is, tools and images included. As {@link #ask}, but for the schema.
     *
     * @return whatever the model said, a call of tools too
     */
    public Reply chat(Chat chat) {
        var call = new ModelCall(
                Operation.CHAT,
                chat.model(),
                chat.request(),
                chat.account(),
                chat.account().keyOf(chat.model(), chat.request()),
                Ladder.ASKED,
                true,
                chat.account().traceparent());
        Completion completion = gateway.complete(call, null);
        return new Reply(completion.body(), completion.usage(), completion.endpoint(), completion.model());
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
