package dev.sluice.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;

/** Adds up what was paid. For one thread. */
final class Bills {
    private static final long TOKENS = 1_000_000;

    private long requests;
    private long billed;
    private long micros;
    private long input;
    private long output;
    private long cached;
    private long cutOff;
    private long cutOffMicros;
    private long lasts;
    private final Map<String, Integer> byRequest = new HashMap<>();
    private final Map<String, Integer> soundByRequest = new HashMap<>();
    private final Map<String, Integer> byKey = new HashMap<>();
    private final Map<String, Long> microsByClientRequest = new HashMap<>();
    private final Map<Integer, Integer> refused = new HashMap<>();

    /** What is to be paid. @param key, clientRequest as the request names itself; null: it does not */
    record Item(Question question, Answer answer, String key, String clientRequest) {
        static Item of(Question question, Answer answer, HttpServerRequest request) {
            return new Item(
                    question, answer, request.getHeader("idempotency-key"), request.getHeader("x-client-request-id"));
        }
    }

    void came() {
        requests++;
    }

    void refused(int status) {
        refused.merge(status, 1, Integer::sum);
    }

    void add(Item item, Options options) {
        Answer answer = item.answer();
        billed++;
        micros += price(answer, options);
        input += answer.input();
        output += answer.output();
        cached += answer.cached();
        byRequest.merge(item.question().hash(), 1, Integer::sum);
        if (answer.sound()) soundByRequest.merge(item.question().hash(), 1, Integer::sum);
        if (item.key() != null) byKey.merge(item.key(), 1, Integer::sum);
        if (item.clientRequest() != null) {
            microsByClientRequest.merge(item.clientRequest(), price(answer, options), Long::sum);
        }
        String schema = item.question().schemaName();
        if (!schema.isEmpty() && schema.endsWith(options.lastSchema())) lasts++;
    }

    void cutOff(Item item, Options options) {
        cutOff++;
        cutOffMicros += price(item.answer(), options);
        if (options.billCancelled()) add(item, options);
    }

    static long price(Answer answer, Options options) {
        long cost = (answer.input() - answer.cached()) * options.inputPrice()
                + answer.cached() * options.cachedPrice()
                + answer.output() * options.outputPrice();
        return Math.ceilDiv(cost, TOKENS);
    }

    /** For {@code bench.Load}: how many answers, and how many of them were the last of a run. */
    String counts() {
        return billed + " " + lasts;
    }

    Billing told() {
        return new Billing(
                requests,
                billed,
                micros,
                input,
                output,
                cached,
                cutOff,
                cutOffMicros,
                Map.copyOf(byRequest),
                Map.copyOf(soundByRequest),
                Map.copyOf(byKey),
                Map.copyOf(microsByClientRequest),
                Map.copyOf(refused));
    }
}
