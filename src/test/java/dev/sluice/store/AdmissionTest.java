package dev.sluice.store;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.RunId;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Service;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two partitions; a bound of 10 is 5 for each. */
class AdmissionTest {
    private static final Instant T0 = RealRedis.T0;

    private final RealStore store = new RealStore();
    private final HandClock clock = new HandClock();
    private final Admission admission = store.admission(clock, 10);
    private final Definition workflow = store.definitions()
            .deploy(RealStore.document(
                    "w", "input: { schema: { document: { type: object } } }\n" + "do: [ { x: { call: f } } ]"))
            .definition();

    private Admission.Request request(Optional<String> key, String input, Service.Asked asked) {
        return new Admission.Request(workflow, json(input), key, asked, Optional.empty());
    }

    private Admission.Request anyRun() {
        return request(Optional.empty(), "{}", Service.Asked.NOTHING);
    }

    private Admission.Request named(String key) {
        return request(Optional.of(key), "{}", Service.Asked.NOTHING);
    }

    private Admission.Request later(Duration delay) {
        return request(
                Optional.empty(),
                "{}",
                Service.Asked.NOTHING.at(Optional.of(clock.instant().plus(delay))));
    }

    private long waiting() {
        return store.redis.partitions.all().stream()
                .mapToLong(p -> store.redis.length(Keys.inbox(p)))
                .sum();
    }

    private void fill() {
        for (int i = 0; i < 10; i++)
            assertThat(admission.start(anyRun()).problem()).isEmpty();
    }

    private void drain() {
        store.redis.partitions.all().forEach(p -> store.redis.send(Command.XTRIM, Keys.inbox(p), "MAXLEN", 0));
    }

    @Test
    void aFullGroupRefusesAStartAndSaysWhenToTryAgain() {
        fill();
        Admission.Answer refused = admission.start(anyRun());
        assertThat(refused.problem().orElseThrow().code()).isEqualTo("SL2034");
        assertThat(refused.problem().orElseThrow().status()).isEqualTo(429);
        assertThat(refused.problem().orElseThrow().retryAfter())
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
        assertThatThrownBy(refused::idOrThrow)
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("'default'");
        assertThat(waiting()).isEqualTo(10);
        assertThat(store.index.counts()).containsEntry(RunStatus.QUEUED, 10L);
    }

    @Test
    void whatHasDrainedIsRoomAgain() {
        fill();
        drain();
        assertThat(admission.start(anyRun()).acceptance()).isEqualTo(Acceptance.ACCEPTED);
    }

    @Test
    void tasksThatWaitOrAreInFlightCount() {
        store.redis.partitions.all().forEach(p -> store.redis.send(Command.SET, Keys.depth(p), 5));
        assertThat(admission.start(anyRun()).problem()).isPresent();
    }

    @Test
    void aStartThatIsRepeatedIsNotRefusedHoweverFullItIs() {
        String id = admission.start(named("k")).id();
        while (admission.start(anyRun()).problem().isEmpty()) {}
        assertThat(admission.start(named("k")))
                .isEqualTo(new Admission.Answer(id, Acceptance.REPEATED, Optional.empty()));
        assertThat(admission.startAll(List.of(named("k"))).getFirst().acceptance())
                .isEqualTo(Acceptance.REPEATED);
    }

    @Test
    void aRunWithoutAKeyGoesToAPartitionThatHasRoom() {
        Partition full = store.redis.partitions.all().getFirst();
        for (int i = 0; i < 5; i++)
            store.redis.send(Command.XADD, Keys.inbox(full), "*", "run", "r", "e", "e", "d", "");
        for (int i = 0; i < 5; i++) {
            String id = admission.start(anyRun()).idOrThrow();
            assertThat(RunId.partition(id)).isNotEqualTo(Optional.of(full));
        }
        assertThat(admission.start(anyRun()).problem()).isPresent();
    }

    @Test
    void manyAtTheSameTimeNeverExceedTheBound() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 60; i++) {
                calls.add(() -> admission.start(anyRun()).problem().isEmpty());
                calls.add(() -> admission
                        .startAll(List.of(anyRun()))
                        .getFirst()
                        .problem()
                        .isEmpty());
            }
            int accepted = 0;
            for (var call : threads.invokeAll(calls)) if (call.get()) accepted++;
            assertThat(accepted).isEqualTo(10);
        }
        assertThat(waiting()).isEqualTo(10);
    }

    @Test
    void ofManyOnlyThoseForWhichThereIsRoomAreAccepted() {
        var answers = admission.startAll(
                IntStream.range(0, 30).mapToObj(i -> anyRun()).toList());
        assertThat(answers.stream().filter(a -> a.acceptance() == Acceptance.ACCEPTED))
                .hasSize(10);
        assertThat(answers.stream().flatMap(a -> a.problem().stream()))
                .hasSize(20)
                .allMatch(problem -> problem.code().equals("SL2034"));
    }

    @Test
    void ofManyEachHasItsOwnAnswerInOrder() {
        var wrong = request(Optional.empty(), "[]", Service.Asked.NOTHING);
        var other = request(Optional.of("a"), "{n: 1}", Service.Asked.NOTHING);
        var answers = admission.startAll(List.of(named("a"), wrong, named("a"), other, named("b")));
        assertThat(answers)
                .extracting(Admission.Answer::acceptance)
                .containsExactly(
                        Acceptance.ACCEPTED,
                        Acceptance.FULL,
                        Acceptance.REPEATED,
                        Acceptance.OTHER_INPUT,
                        Acceptance.ACCEPTED);
        assertThat(answers.get(1).problem().orElseThrow().code()).isEqualTo("SL2011");
        assertThat(answers.get(3).problem().orElseThrow().code()).isEqualTo("SL2009");
        assertThat(answers.get(0).id()).isEqualTo(answers.get(2).id());
        assertThat(store.runs.head(answers.get(4).id())).isPresent();
    }

    @Test
    void aHintIsPublishedOnlyForAnInboxThatWasEmpty() {
        var some = IntStream.range(0, 8).mapToObj(i -> anyRun()).toList();
        long before = published();
        admission.startAll(some.subList(0, 3));
        assertThat(published() - before)
                .as("a hint, and one message with all that changed")
                .isEqualTo(2);
        admission.startAll(some.subList(3, 5));
        admission.startAll(some.subList(5, 6));
        assertThat(published() - before)
                .as("a hint for the other partition alone")
                .isEqualTo(5);
    }

    private long published() {
        String stats = store.redis.send(Command.INFO, "commandstats").toString();
        int from = stats.indexOf("cmdstat_publish:calls=");
        if (from < 0) return 0;
        from += "cmdstat_publish:calls=".length();
        return Long.parseLong(stats.substring(from, stats.indexOf(',', from)));
    }

    @Test
    void aDelayedRunIsQueuedAndBeginsWhenItsTimeHasCome() {
        String id = admission.start(later(Duration.ofMinutes(5))).idOrThrow();
        Partition p = RunId.partition(id).orElseThrow();
        RunHead head = store.runs.head(id).orElseThrow();
        assertThat(head.status()).isEqualTo(RunStatus.QUEUED);
        assertThat(head.identity().startsAt()).contains(T0.plusSeconds(300));
        assertThat(store.index
                        .page(Set.of(RunStatus.QUEUED), Optional.empty(), 5)
                        .runs())
                .hasSize(1);
        store.redis.inbox.tick(List.of(p), T0.plusSeconds(299));
        assertThat(waiting()).isZero();
        store.redis.inbox.tick(List.of(p), T0.plusSeconds(300));
        assertThat(store.redis.stream(Keys.inbox(p))).singleElement().satisfies(entry -> {
            assertThat(entry).containsEntry("run", id);
            assertThat(entry.get("e")).contains("RunStarted");
        });
        assertThat(store.redis.sorted(Keys.timers(p))).isEmpty();
    }

    @Test
    void aDelayedRunIsNotCountedUntilItBegins() {
        for (int i = 0; i < 20; i++)
            assertThat(admission.start(later(Duration.ofMinutes(5))).problem()).isEmpty();
        fill();
    }

    @Test
    void aDelayedRunThatIsRepeatedHasOneTimer() {
        var request = request(Optional.of("k"), "{}", Service.Asked.NOTHING.at(Optional.of(T0.plusSeconds(60))));
        String id = admission.start(request).id();
        clock.set(T0.plusSeconds(1));
        assertThat(admission.start(request).acceptance()).isEqualTo(Acceptance.REPEATED);
        assertThat(store.redis.sorted(Keys.timers(RunId.partition(id).orElseThrow())))
                .hasSize(2);
    }

    @Test
    void whileRedisIsNearlyFullNoneIsTakenUntilItIsWellBelow() {
        admission.start(named("before"));
        store.redis.memoryIs(95, 100);
        Admission.Answer refused = admission.start(anyRun());
        assertThat(refused.problem().orElseThrow().code()).isEqualTo("SL2035");
        assertThat(refused.problem().orElseThrow().retryAfter()).isPositive();
        assertThat(admission.start(named("before")).acceptance()).isEqualTo(Acceptance.REPEATED);
        store.redis.memoryIs(88, 100);
        assertThat(admission.start(anyRun()).problem()).isPresent();
        store.redis.memoryIs(80, 100);
        assertThat(admission.start(anyRun()).problem()).isEmpty();
    }

    @Test
    void aGroupsOwnBoundCounts() {
        System.setProperty("sluice.queue.\"small\".depth-max", "2");
        try {
            Definition small = store.definitions()
                    .deploy("document: { dsl: '1.0.1', namespace: test, name: s, version: '1.0.0', metadata: { queue:"
                            + " { group: small, partitions: 1 } } }\ndo: [ { x: { call: f } } ]")
                    .definition();
            var request =
                    new Admission.Request(small, json("{}"), Optional.empty(), Service.Asked.NOTHING, Optional.empty());
            assertThat(admission.startAll(List.of(request, request, request)))
                    .extracting(a -> a.problem().isEmpty())
                    .containsExactly(true, true, false);
        } finally {
            System.clearProperty("sluice.queue.\"small\".depth-max");
        }
    }

    @Test
    void ofManyOnlyThoseWhoseQueueTermsCannotBeSettledAreRefused() {
        Definition served = store.definitions()
                .deploy("document: { dsl: '1.0.1', namespace: test, name: t, version: '1.0.0', metadata: { queue:"
                        + " { tenant: '${ .who }' } } }\ndo: [ { x: { call: f } } ]")
                .definition();
        var answers = admission.startAll(IntStream.range(0, 4)
                .mapToObj(i -> new Admission.Request(
                        served,
                        json(i % 2 == 0 ? "{who: 'a'}" : "[]"),
                        Optional.of("t" + i),
                        Service.Asked.NOTHING,
                        Optional.empty()))
                .toList());
        assertThat(answers)
                .extracting(answer ->
                        answer.problem().map(problem -> problem.code()).orElse(""))
                .containsExactly("", "SL3004", "", "SL3004");
        assertThat(store.runs.head(answers.get(2).id())).isPresent();
    }
}
