package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final Endpoint ENDPOINT = new Endpoints(
                    Settings.of(new HashMap<>(Map.of())), () -> URI.create("http://127.0.0.1:1"))
            .all()
            .get(Endpoints.OFFLINE);

    private final Latencies latencies = new Latencies();
    private final Route route = Route.of(ENDPOINT);
    private final Random chance = new Random(1);

    /** Most answers take some 100 ms, a few far longer. */
    private long answer() {
        return Math.round(20 - 100 * Math.log(1 - chance.nextDouble()));
    }

    @Test
    void overtakenAnswersWereNotCountedAndEverMoreWereOvertaken() {
        for (int i = 0; i < 200; i++) latencies.took(route, ENDPOINT, answer());
        int hedged = 0;
        for (int i = 0; i < 10_000; i++) {
            long usual = latencies.p95(route).orElseThrow().toMillis();
            long first = answer();
            if (first <= usual) {
                latencies.took(route, ENDPOINT, first);
                continue;
            }
            hedged++;
            long second = answer();
            boolean overtaken = usual + second < first;
            latencies.took(route, ENDPOINT, overtaken ? second : first);
            latencies.gaveUp(route, overtaken ? usual + second : first - usual);
        }
        assertThat(hedged).isBetween(400, 650);
    }
}
