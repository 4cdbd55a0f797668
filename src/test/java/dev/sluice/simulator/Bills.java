package dev.sluice.simulator;

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
    private final Map<Integer, Integer> refused = new HashMap<>();

    /** @param key null when there was none */
    record Item(Question question, Answer answer, String key) {}

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
                Map.copyOf(refused));
    }
}
