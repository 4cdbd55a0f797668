package dev.sluice.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Transition;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.eclipse.microprofile.config.ConfigProvider;

/** The store on a real, empty Redis and a directory of its own. */
public final class RealStore {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    /** Under the build directory, so that {@code clean} removes it. */
    private static final Path DIRECTORY = Path.of("target", "test-payloads");

    private static final Random RANDOM = new Random(1);

    public final RealRedis redis;
    public final Path directory;
    public final Payloads payloads;
    public final EventCodec events;
    final RunCodec codec;
    public final Runs runs;
    public final Commits commits;
    public final RunIndex index;
    public final Outbox outbox;
    public final Approvals approvals;
    public final ApprovalLinks links;

    public RealStore() {
        this(RealRedis.empty(), directory());
    }

    /** On a Redis and a directory that another process left. */
    public RealStore(RealRedis redis, Path directory) {
        this.redis = redis;
        this.directory = directory;
        this.payloads = new Payloads(directory);
        this.events = new EventCodec(payloads);
        this.codec = new RunCodec(payloads, new StepCodec(payloads));
        this.runs = new Runs(redis.link, codec, events, payloads);
        this.commits = new Commits(redis.link, runs, codec, events, payloads);
        this.index = new RunIndex(redis.link, redis.partitions);
        this.outbox = new Outbox(redis.link, payloads);
        this.approvals = new Approvals(redis.link, redis.partitions, payloads);
        this.links = new ApprovalLinks(new SigningKey(redis.link), "http://sluice.test");
    }

    /** A new one each time has nothing compiled yet. */
    public Definitions definitions() {
        return definitions(RealRedis.T0);
    }

    public Definitions definitions(Instant now) {
        return new Definitions(redis.link, redis.partitions, redis.tasks, Clock.fixed(now, ZoneOffset.UTC));
    }

    public Definitions definitions(Clock clock) {
        return new Definitions(redis.link, redis.partitions, redis.tasks, clock);
    }

    public Subscriptions subscriptions(Clock clock) {
        return new Subscriptions(redis.link, redis.partitions, payloads, events, clock);
    }

    public Starter starter(Clock clock) {
        return new Starter(runs, admission(clock), redis.partitions, clock);
    }

    public Admission admission(Clock clock) {
        return admission(clock, 1_000_000);
    }

    /** @param depthMax of each group, unless a system property {@code sluice.queue.<group>.depth-max} says otherwise */
    public Admission admission(Clock clock, long depthMax) {
        var config = ConfigProvider.getConfig();
        var room = new Room(redis.partitions, redis.memory, new SimpleMeterRegistry(), config, depthMax);
        return new Admission(runs, redis.partitions, room, clock);
    }

    public Schedules schedules(Definitions definitions, Clock clock) {
        return new Schedules(definitions, starter(clock), redis.link, payloads, clock);
    }

    /** None but those that a test sets as system properties {@code sluice.secrets.…}. */
    public SecretMarks secrets() {
        return new SecretMarks(new SigningKey(redis.link), ConfigProvider.getConfig(), Optional.empty());
    }

    public AttemptTokens tokens() {
        return new AttemptTokens(new SigningKey(redis.link));
    }

    public DeadLetters letters() {
        return new DeadLetters(redis.link, redis.partitions);
    }

    public Redriver redriver(Definitions definitions, Clock clock) {
        return new Redriver(redis.link, runs, definitions, codec, events, secrets(), clock, new SimpleMeterRegistry());
    }

    /** A new one each time, as another process has. */
    public Clearings clearings(Definitions definitions, Clock clock) {
        return new Clearings(
                letters(), redriver(definitions, clock), redis.leases, redis.partitions, redis.link, clock);
    }

    /** @param all time for letters of every kind; those of entries stay for 90 days without it */
    public LetterRetention letterRetention(
            Definitions definitions, Clock clock, MeterRegistry metrics, Optional<Duration> all) {
        return new LetterRetention(letters(), redriver(definitions, clock), clock, metrics, all, Duration.ofDays(90));
    }

    public LateResults lateResults() {
        return new LateResults(redis.link, codec, events, secrets());
    }

    /** Takes in what stands in the inbox of {@link RealRedis#P}, as an orchestrator does. */
    public void takeIn(Definition definition) {
        var machine = new Machine(RetryPolicy.DEFAULT, secrets());
        Ownership.Token token = redis.ownership.take(RealRedis.P).orElseThrow();
        for (InboxEntry entry : redis.inbox.read(RealRedis.P, 99)) {
            Run before = runs.find(entry.run()).orElseThrow();
            Transition transition = machine.advance(definition, before, events.decode(entry.event(), entry.data()));
            var taken = new Commit.Taken(entry.entryId(), entry.event(), entry.data(), Commit.Fate.RECORDED);
            var commit = new Commit(
                    before, transition.run(), transition.effects(), transition.history(), List.of(taken), List.of());
            commits.commit(RealRedis.P, token, List.of(commit));
        }
        redis.ownership.release(RealRedis.P, token);
    }

    public static String runId() {
        return RunId.next(RealRedis.P, RealRedis.T0, RANDOM);
    }

    public static String document(String name, String rest) {
        return "document: { dsl: '1.0.1', namespace: test, name: " + name + ", version: '1.0.0' }\n" + rest;
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Path directory() {
        try {
            Files.createDirectories(DIRECTORY);
            return Files.createTempDirectory(DIRECTORY, "p");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
