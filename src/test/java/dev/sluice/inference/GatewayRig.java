package dev.sluice.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Account.Scope;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.RunId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A gateway with stubs behind it, over real HTTP and a real, empty Redis. Endpoints are called a, b and c. */
final class GatewayRig implements AutoCloseable {
    static final String RUN = RunId.next(RealRedis.P, Instant.parse("2026-03-01T12:00:00Z"), new Random(1));

    final RealRedis redis = RealRedis.empty();
    final StubEndpoint a = new StubEndpoint();
    final StubEndpoint b = new StubEndpoint();
    final StubEndpoint c = new StubEndpoint();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Vertx vertx;

    GatewayRig(Vertx vertx) {
        this.vertx = vertx;
        a.say("from a");
        b.say("from b");
        c.say("from c");
    }

    /** @param more pairs of a setting below {@code sluice.inference} and its value */
    Gateway gateway(String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("model", "smart");
        properties.put("routes.smart.endpoints", "a,b,c");
        Map.of("a", a, "b", b, "c", c).forEach((name, stub) -> {
            properties.put("endpoints." + name + ".url", stub.url());
            properties.put("endpoints." + name + ".model", "model-" + name);
            properties.put("endpoints." + name + ".input-price", "1");
            properties.put("endpoints." + name + ".output-price", "10");
        });
        for (int i = 0; i < more.length; i += 2) properties.put(more[i], more[i + 1]);
        return GatewayMaker.make(
                Settings.of(properties),
                new GatewayMaker.Surroundings(
                        Optional.of(redis.link),
                        Optional.of(redis.rates),
                        registry,
                        vertx,
                        ModelSpans.OFF,
                        () -> URI.create("http://127.0.0.1:1"),
                        Clock.systemUTC(),
                        new Random(1)));
    }

    static Account account(int attempt) {
        return new Account("acme", "default.invoices", RUN, "/do/0/read", attempt, "", Map.of(), "");
    }

    static Account bounded(Scope scope, long micros) {
        return new Account("acme", "default.invoices", RUN, "/do/0/read", 1, "", Map.of(scope, micros), "");
    }

    static ModelCall call(String text) {
        return call(text, Account.NOBODY);
    }

    static ModelCall call(String text, Account account) {
        ObjectNode request = (ObjectNode)
                Texts.json("{'messages': [{'role': 'user', 'content': '" + text + "'}], 'max_completion_tokens': 100}");
        return new ModelCall(Operation.CHAT, "", request, account, account.keyOf("", request), "asked", true, "");
    }

    /** Who answered. */
    static String text(Completion completion) {
        return ChatAnswer.content(completion.body());
    }

    List<Ledger.Entry> lines() {
        return new Ledger(redis.link).lines(RUN, 0, 100);
    }

    @Override
    public void close() {
        a.close();
        b.close();
        c.close();
    }
}
