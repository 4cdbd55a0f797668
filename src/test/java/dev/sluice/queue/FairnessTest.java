package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.workflow.Priority;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which of the tasks that wait for a function is handed out first. */
class FairnessTest {
    private final RealRedis redis = RealRedis.empty();
    private final TaskQueue tasks = new TaskQueue(
            redis.link, new Ranking(Duration.ofSeconds(30), Duration.ofMinutes(5), Map.of("big", 3.0, "small", 0.5)));
    private List<LaneName> known = List.of();

    private void add(Priority priority, String tenant, int count, Instant at) {
        for (int i = 0; i < count; i++) redis.addTask(new LaneName(priority, tenant, "f"), tenant + "-" + i, 1, at);
    }

    private void add(String tenant, int count) {
        add(Priority.NORMAL, tenant, count, T0);
    }

    private Taken ask(int count, int room, boolean contested) {
        var ask = new Ask(P, "f", "d", 0, count, Duration.ofSeconds(15), T0, known, tenant -> room, contested);
        Taken taken = tasks.take(ask, task -> "");
        known = taken.next();
        return taken;
    }

    /** Tenants in the order in which they are served, {@code step} tasks at a time. */
    private List<String> serve(int count, int step) {
        var served = new ArrayList<String>();
        while (served.size() < count) {
            var taken = ask(Math.min(step, count - served.size()), 999, false);
            if (taken.deliveries().isEmpty()) break;
            taken.deliveries().forEach(d -> served.add(d.tenant()));
        }
        return served;
    }

    private static Map<String, Integer> counts(List<String> served) {
        var counts = new TreeMap<String, Integer>();
        served.forEach(tenant -> counts.merge(tenant, 1, Integer::sum));
        return counts;
    }

    @Test
    void tenantsTakeTurnsHoweverMuchEachHas() {
        add("a", 500);
        add("b", 20);
        add("c", 20);
        assertThat(counts(serve(60, 10))).isEqualTo(Map.of("a", 20, "b", 20, "c", 20));
    }

    @Test
    void turnsAreTheSameForTasksThatAreTakenOneByOne() {
        add("a", 100);
        add("b", 100);
        assertThat(counts(serve(40, 1))).isEqualTo(Map.of("a", 20, "b", 20));
    }

    @Test
    void aTenantGetsAsMuchAsItsWeightSays() {
        add("big", 300);
        add("one", 300);
        add("small", 300);
        assertThat(counts(serve(180, 16))).isEqualTo(Map.of("big", 120, "one", 40, "small", 20));
    }

    @Test
    void aNewcomerNeitherWaitsForWhatOthersHadBeforeNorGetsItBack() {
        add("a", 300);
        serve(100, 10);
        add("b", 100);
        assertThat(counts(serve(40, 10))).isEqualTo(Map.of("a", 20, "b", 20));
    }

    @Test
    void whoComesBackAfterAMomentIsNotFirstAgain() {
        add("a", 200);
        add("b", 1);
        var served = new ArrayList<String>();
        for (int i = 0; i < 40; i++) {
            served.addAll(serve(1, 1));
            if (served.getLast().equals("b")) commitOf("b");
        }
        assertThat(counts(served).get("b")).isBetween(19, 21);
    }

    /** As {@code commit.lua} makes a tenant ready. */
    private void commitOf(String tenant) {
        var lane = new LaneName(Priority.NORMAL, tenant, "f");
        var resting = redis.send(Command.ZSCORE, Keys.resting(P, lane), tenant);
        redis.addTask(lane, tenant + "-again", 1, T0);
        if (resting != null) redis.send(Command.ZADD, Keys.ready(P, lane), "GT", resting, tenant);
    }

    @Test
    void manyTenantsAreAllServed() {
        for (int i = 0; i < 100; i++) add("t" + i, 2);
        assertThat(counts(serve(100, 16))).hasSize(100);
        assertThat(serve(999, 16)).hasSize(100);
    }

    @Test
    void oneRoundTripIsEnoughOnceItIsKnownWhoIsNext() {
        add("a", 50);
        add("b", 50);
        ask(2, 999, false);
        long before = calls();
        assertThat(ask(16, 999, false).deliveries()).hasSize(16);
        assertThat(calls() - before).isEqualTo(1);
    }

    private long calls() {
        return redis.count("evalsha");
    }

    @Test
    void highGoesBeforeNormalAndNormalBeforeLow() {
        add(Priority.LOW, "l", 2, T0);
        add(Priority.NORMAL, "n", 2, T0);
        add(Priority.HIGH, "h", 2, T0);
        assertThat(serve(6, 6)).containsExactly("h", "h", "n", "n", "l", "l");
    }

    @Test
    void anOldTaskOfNormalPriorityGoesBeforeAYoungOneOfHighPriority() {
        add(Priority.NORMAL, "n", 1, T0);
        add(Priority.HIGH, "h", 1, T0.plusSeconds(29));
        assertThat(serve(1, 1)).containsExactly("h");
        add(Priority.HIGH, "h", 1, T0.plusSeconds(31));
        assertThat(serve(2, 1)).containsExactly("n", "h");
    }

    @Test
    void lowPriorityNeverStarvesBehindAFloodOfHighPriority() {
        add(Priority.LOW, "l", 1, T0);
        var served = new ArrayList<String>();
        // Ten minutes in which one task of high priority comes each second, as fast as one is served.
        for (int second = 0; second < 600 && !served.contains("l"); second++) {
            add(Priority.HIGH, "h", 1, T0.plusSeconds(second));
            served.addAll(serve(1, 1));
        }
        assertThat(served).hasSize(302).last().isEqualTo("l");
    }

    @Test
    void aTenantThatHasItsShareIsPassedOverWhileOthersWait() {
        add("greedy", 100);
        add("modest", 3);
        var taken = ask(16, 5, false).deliveries();
        assertThat(counts(taken.stream().map(Delivery::tenant).toList())).isEqualTo(Map.of("greedy", 5, "modest", 3));
    }

    @Test
    void aTenantAloneMayHaveTheWholeWindow() {
        add("greedy", 100);
        assertThat(ask(16, 5, false).deliveries()).hasSize(16);
    }

    @Test
    void aTenantIsHeldToItsShareAlsoWhenTheOthersWaitInAnotherPartition() {
        add("greedy", 100);
        assertThat(ask(16, 5, true).deliveries()).hasSize(5);
        assertThat(ask(16, 0, true)).satisfies(taken -> {
            assertThat(taken.deliveries()).isEmpty();
            assertThat(taken.rest()).isEqualTo(Taken.Rest.SOMETHING);
        });
    }

    @Test
    void whatIsReadyButGoneIsForgotten() {
        add("a", 1);
        redis.send(Command.DEL, Keys.lane(P, new LaneName(Priority.NORMAL, "a", "f")));
        add(Priority.LOW, "b", 1, T0);
        assertThat(serve(9, 9)).containsExactly("b");
        assertThat(ask(9, 9, false).rest()).isEqualTo(Taken.Rest.NOTHING);
    }
}
