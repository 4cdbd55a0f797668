package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private final Latencies latencies = new Latencies();
    private final Random chance = new Random(1);

    private static Route route(String... settings) {
        var properties = new HashMap<String, String>();
        properties.put("routes.r.endpoints", "a,b,c");
        String[][] prices = {{"a", "3", "3"}, {"b", "1", "9"}, {"c", "2", "2"}};
        for (String[] endpoint : prices) {
            String prefix = "endpoints." + endpoint[0] + ".";
            properties.putAll(Map.of(
                    prefix + "url",
                    "http://localhost:1/v1",
                    prefix + "model",
                    "m",
                    prefix + "input-price",
                    endpoint[1],
                    prefix + "output-price",
                    endpoint[2]));
        }
        for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
        InferenceSettings read = Settings.of(properties);
        return new Routes(read, new Endpoints(read, () -> URI.create("http://localhost:1"))).of("r");
    }

    private List<String> order(Route route, Tokens tokens) {
        return Choice.order(route, tokens, latencies, chance).stream()
                .map(Endpoint::name)
                .toList();
    }

    @Test
    void theOrderOfTheListIsTheOrder() {
        assertThat(order(route(), Tokens.NONE)).containsExactly("a", "b", "c");
    }

    @Test
    void theCheapestForThisRequestComesFirst() {
        Route byPrice = route("routes.r.by", "price");
        assertThat(order(byPrice, new Tokens(10_000, 0, 100))).containsExactly("b", "c", "a");
        assertThat(order(byPrice, new Tokens(100, 0, 10_000))).containsExactly("c", "a", "b");
    }

    @Test
    void theFastestComesFirstAndOneThatIsNotKnownBeforeAll() {
        Route byLatency = route("routes.r.by", "latency");
        latencies.took(byLatency, byLatency.endpoints().get(0), 900);
        latencies.took(byLatency, byLatency.endpoints().get(2), 300);
        assertThat(order(byLatency, Tokens.NONE)).containsExactly("b", "c", "a");
    }

    @Test
    void anEndpointThatBecomesSlowFallsBack() {
        Route byLatency = route("routes.r.by", "latency", "routes.r.endpoints", "a,c");
        Endpoint a = byLatency.endpoints().get(0);
        Endpoint c = byLatency.endpoints().get(1);
        for (int i = 0; i < 20; i++) latencies.took(byLatency, a, 100);
        latencies.took(byLatency, c, 400);
        for (int i = 0; i < 3; i++) latencies.took(byLatency, a, 2_000);
        assertThat(order(byLatency, Tokens.NONE)).containsExactly("c", "a");
    }

    @Test
    void lotsFallInProportionToWeights() {
        Route weighted = route("routes.r.by", "weight", "routes.r.weights.a", "7", "routes.r.weights.b", "2");
        var first = new HashMap<String, Integer>();
        for (int i = 0; i < 10_000; i++) {
            List<String> order = order(weighted, Tokens.NONE);
            assertThat(order).containsExactlyInAnyOrder("a", "b", "c");
            first.merge(order.getFirst(), 1, Integer::sum);
        }
        assertThat(first.get("a")).isBetween(6_700, 7_300);
        assertThat(first.get("b")).isBetween(1_800, 2_200);
        assertThat(first.get("c")).isBetween(850, 1_150);
    }

    @Test
    void whatIsUsualIsNotKnownBeforeTwentyAnswers() {
        Route route = route();
        Endpoint a = route.endpoints().getFirst();
        for (int i = 0; i < 19; i++) latencies.took(route, a, 10);
        assertThat(latencies.p95(route)).isEmpty();
        latencies.took(route, a, 10);
        assertThat(latencies.p95(route)).hasValue(Duration.ofMillis(10));
    }

    @Test
    void fiveOfAHundredTakeLongerThanWhatIsUsual() {
        Route route = route();
        Endpoint a = route.endpoints().getFirst();
        for (int i = 1; i <= 100; i++) latencies.took(route, a, i);
        assertThat(latencies.p95(route)).hasValue(Duration.ofMillis(96));
        for (int i = 0; i < 300; i++) latencies.took(route, a, 5);
        assertThat(latencies.p95(route)).as("the last 200 count").hasValue(Duration.ofMillis(5));
    }
}
