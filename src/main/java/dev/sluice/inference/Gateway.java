package dev.sluice.inference;

import dev.sluice.workflow.ProblemException;
import java.util.List;

/**
 * Answers calls of models. {@link LocalGateway} asks endpoints itself, {@link RemoteGateway} asks a process that does.
 * Blocks; for virtual threads. An interrupt gives the call up and closes the connection.
 */
interface Gateway {
    /** Takes the events of a streamed answer. */
    interface Sink {
        /** Called once, before the first event. */
        void begin(String endpoint, String model);

        /**
         * Blocks while the reader is behind.
         *
         * @param data of one event, in the form of OpenAI's chunks
         */
        void event(String data);
    }

    /**
     * @param sink null: nobody wants to have it as it comes
     * @throws ProblemException SL1007, SL5001 to SL5010, with what was paid although there is no answer
     */
    Completion complete(ModelCall call, Sink sink);

    /** The answers of these calls could not be used; a later attempt is to buy others. @param keys of the calls */
    void forget(Account account, List<String> keys);

    /** Every alias that can be asked for. */
    List<String> aliases();

    /** @throws ProblemException SL1007 when settings cannot be used */
    void start();

    void stop();
}
