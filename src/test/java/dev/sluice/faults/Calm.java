package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.redis.RedisNode;
import dev.sluice.scenario.Sluice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What must be true when a story is over and all runs have ended, whatever happened in it: none is lost, no step took
 * effect twice, and nothing is left in the queue.
 */
final class Calm {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");

    /** What holds something only as long as work is under way. */
    private static final Pattern QUEUE = Pattern.compile(
            ".*\\}:(?:lane|leases|inbox|timers|outbox|sink|held|ready|depth|holders|waiting|booked)(?::.*)?");

    private static final Map<String, String> SIZES =
            Map.of("stream", "XLEN", "hash", "HLEN", "zset", "ZCARD", "set", "SCARD", "list", "LLEN", "string", "GET");

    private static final Pattern IN_FLIGHT =
            Pattern.compile("(?m)^sluice_attempts_in_flight\\{[^}]*function=\"([^\"]+)\"[^}]*} (\\S+)");

    private Calm() {}

    /** Each of the runs has ended, with {@code succeeded} or {@code failed}, within {@code patience}. */
    static void awaitEnds(Sluice server, Collection<String> runs, Duration patience) {
        var open = new ArrayList<>(runs);
        await("the end of " + runs.size() + " runs")
                .atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    open.removeIf(id ->
                            ENDED.contains(server.run(id).body().path("status").asText()));
                    assertThat(open).isEmpty();
                });
    }

    /**
     * @param accepted all runs that were ever started on that Redis
     * @param servers all that run
     */
    static void assertKept(Collection<String> accepted, RedisNode redis, List<Sluice> servers) {
        Sluice server = servers.getFirst();
        assertThat(accepted).doesNotHaveDuplicates();
        assertThat(server.count("succeeded") + server.count("failed"))
                .as("started = finished + failed for good")
                .isEqualTo(accepted.size());
        accepted.forEach(id -> assertEveryStepOnce(server, id));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(leftInQueue(redis)).isEmpty());
        for (Sluice each : servers) await().atMost(PATIENCE).untilAsserted(() -> assertNothingInFlight(each));
        awaitProof(server);
    }

    /** In the history, no attempt of a step is settled twice, and none comes after its success. */
    private static void assertEveryStepOnce(Sluice server, String id) {
        JsonNode run = server.run(id).body();
        assertThat(ENDED).as(run.toString()).contains(run.path("status").asText());
        for (JsonNode step : run.path("steps")) {
            var settled = new HashMap<String, Integer>();
            int successes = 0;
            for (JsonNode attempt : step.path("attempts")) {
                settled.merge(attempt.path("attempt").asText(), 1, Integer::sum);
                if (attempt.path("status").asText().equals("succeeded")) successes++;
            }
            assertThat(settled.values())
                    .as("%s %s", id, step)
                    .allSatisfy(n -> assertThat(n).isEqualTo(1));
            assertThat(successes).as("%s %s", id, step).isLessThanOrEqualTo(1);
        }
    }

    /** Key and size of what should be empty and is not. */
    static Map<String, Long> leftInQueue(RedisNode redis) {
        var left = new HashMap<String, Long>();
        for (String key : redis.say("KEYS", "*").lines().toList()) {
            if (!QUEUE.matcher(key).matches()) continue;
            String type = redis.say("TYPE", key);
            if (type.equals("none")) continue;
            String size = redis.say(SIZES.get(type), key);
            if (!size.isEmpty() && !size.equals("0")) left.put(key, Long.parseLong(size));
        }
        return left;
    }

    /** Attempts by function, as the process tells Prometheus. */
    static Map<String, Double> inFlight(Sluice server) {
        var inFlight = new HashMap<String, Double>();
        var lines = IN_FLIGHT.matcher(server.get("/q/metrics").text());
        while (lines.find()) inFlight.put(lines.group(1), Double.parseDouble(lines.group(2)));
        return inFlight;
    }

    private static void assertNothingInFlight(Sluice server) {
        var inFlight = inFlight(server);
        assertThat(inFlight.values())
                .as(inFlight.toString())
                .allSatisfy(n -> assertThat(n).isZero());
    }

    /** A whole round of the checker that began after now has found nothing. */
    private static void awaitProof(Sluice server) {
        String before = ended(server);
        await("a round of the invariant checker")
                .atMost(PATIENCE)
                .until(() -> !ended(server).equals(before));
        String between = ended(server);
        await("another one").atMost(PATIENCE).until(() -> !ended(server).equals(between));
        JsonNode proof = server.get("/v1/invariant").body();
        assertThat(proof.path("findings")).as(proof.toString()).isEmpty();
        assertThat(proof.path("openEnded")).as(proof.toString()).isEmpty();
        assertThat(Instant.parse(ended(server))).isNotNull();
    }

    private static String ended(Sluice server) {
        return server.get("/v1/invariant").body().at("/lastRound/endedAt").asText("");
    }
}
