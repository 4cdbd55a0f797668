package dev.sluice.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Queues again what was given up, or drops it for good. Whoever asks, it happens once for each letter. */
@ApplicationScoped
public class Redriver {
    private static final Logger LOG = Logger.getLogger(Redriver.class);

    /** Stands for the revision that was deployed last. */
    public static final String LATEST = "latest";

    /** 10 minutes: a run takes its commands in long before; then a redrive that came to nothing may be repeated. */
    static final Duration ASKED_ONCE_WITHIN = Duration.ofMinutes(10);

    private final RedisLink redis;
    private final Runs runs;
    private final Definitions definitions;
    private final RunCodec codec;
    private final EventCodec events;
    private final Machine machine;
    private final Clock clock;
    private final Counter redriven;
    private final Counter dropped;

    Redriver(
            RedisLink redis,
            Runs runs,
            Definitions definitions,
            RunCodec codec,
            EventCodec events,
            SecretMarks secrets,
            Clock clock,
            MeterRegistry metrics) {
        this.redis = redis;
        this.runs = runs;
        this.definitions = definitions;
        this.codec = codec;
        this.events = events;
        this.machine = new Machine(RetryPolicy.DEFAULT, secrets);
        this.clock = clock;
        this.redriven = Counter.builder("sluice.dead.letters.redriven")
                .description("Dead letters that were queued again")
                .register(metrics);
        this.dropped = Counter.builder("sluice.dead.letters.dropped")
                .description("Dead letters that were dropped, by a person or after their time")
                .register(metrics);
    }

    /** What became of an order. */
    public enum Outcome {
        DONE,
        /** Somebody had asked before for the same; nothing was changed. */
        REPEATED,
        /** There is no such letter any more. */
        GONE
    }

    /**
     * Lets the letter's run go on from where it failed, or puts an entry back into its stream.
     *
     * @param revision that the run is moved to first: one, {@link #LATEST}, or empty for none
     * @param clearing on whose behalf; empty: a person's
     * @throws ProblemException SL2041 for an entry with a revision; SL2001 when there is no such revision, SL2021 when
     *     the run cannot be moved to it
     */
    public Outcome redrive(DeadLetter letter, String revision, String clearing) {
        Outcome outcome = letter.kind() == DeadLetter.Kind.ENTRY
                ? exhume(letter, revision, clearing)
                : retry(letter, revision, clearing);
        if (outcome == Outcome.DONE) {
            redriven.increment();
            LOG.debugf("letter=%s kind=%s redriven", letter.id(), letter.kind().word());
        }
        return outcome;
    }

    /**
     * Whether letters of the workflow can be redriven at all, known before the first is.
     *
     * @param workflow a name, alone or as {@code namespace.name}; empty: of any
     * @param revision as for {@link #redrive}
     * @throws ProblemException SL2001 when there is no such workflow, or it has no such revision
     */
    void check(String workflow, String revision) {
        if (workflow.isEmpty()) return;
        if (!definitions.isDeployed(workflow)) {
            throw Problem.of(
                            Code.SL2001,
                            "cannot redrive dead letters of workflow '" + workflow
                                    + "': there is none of that name. GET /v1/workflows lists those there are.")
                    .asException();
        }
        if (!revision.isEmpty() && !revision.equals(LATEST)) definitions.revision(workflow, revision);
    }

    private Outcome exhume(DeadLetter letter, String revision, String clearing) {
        if (!revision.isEmpty()) {
            throw Problem.of(
                            Code.SL2041,
                            "dead letter " + letter.id() + " is an entry of " + letter.stream()
                                    + " and has no revision. Redrive it without one.")
                    .asException();
        }
        Partition p = RunId.partition(letter.id()).orElseThrow();
        var keys =
                List.of(Keys.deadLetters(p), Keys.deadIndex(p), Keys.deadCounts(p), letter.stream(), Keys.cleared(p));
        boolean done =
                redis.run(Script.EXHUME, keys, List.of(letter.id(), clearing)).toInteger() == 1;
        return done ? Outcome.DONE : Outcome.GONE;
    }

    private Outcome retry(DeadLetter letter, String revision, String clearing) {
        Instant now = clock.instant();
        Partition p = RunId.partition(letter.id()).orElseThrow();
        var args = new ArrayList<>(List.of(
                letter.id(),
                String.valueOf(letter.at().toEpochMilli()),
                String.valueOf(now.toEpochMilli()),
                String.valueOf(ASKED_ONCE_WITHIN.toMillis()),
                clearing,
                Keys.HINTS,
                Hint.inbox(p)));
        var wanted = new ArrayList<Event>();
        move(letter, revision, now).ifPresent(wanted::add);
        wanted.add(new Event.RetryRequested(now));
        for (Event event : wanted) {
            EventCodec.Encoded encoded = events.encode(event);
            args.addAll(List.of(encoded.event(), encoded.data()));
        }
        var keys = List.of(Keys.deadLetters(p), Keys.run(p, letter.run()), Keys.inbox(p), Keys.cleared(p));
        return switch (redis.run(Script.REDRIVE, keys, args).toInteger()) {
            case 1 -> Outcome.DONE;
            case 0 -> Outcome.REPEATED;
            default -> Outcome.GONE;
        };
    }

    private Optional<Event> move(DeadLetter letter, String revision, Instant now) {
        if (revision.isEmpty()) return Optional.empty();
        Run run = runs.find(letter.run()).orElse(null);
        if (run == null) return Optional.empty();
        Definition to = revision.equals(LATEST)
                ? definitions
                        .latest(letter.qualifiedName())
                        .orElseThrow(() -> Problem.of(
                                        Code.SL2001, "there is no workflow '" + letter.qualifiedName() + "' any more")
                                .asException())
                : definitions.revision(letter.qualifiedName(), revision);
        if (to.revision().equals(run.revision())) return Optional.empty();
        var event = new Event.MoveRequested(to.revision(), now);
        machine.move(definitions.revision(run.workflow(), run.revision()), to, run, event);
        return Optional.of(event);
    }

    /**
     * Removes the letter. Its run stays failed, and its history says that it was given up; of an entry nothing stays.
     *
     * @throws ProblemException SL2041 while a redrive of it is under way
     */
    public Outcome drop(DeadLetter letter, String reason, String clearing) {
        Instant at = clock.instant();
        var data = Value.of(JsonNodeFactory.instance.objectNode().put("reason", reason));
        var entry = new HistoryEntry(at, HistoryEntry.Kind.RUN_DROPPED, "", 0, at, Usage.NONE, data);
        boolean ofRun = letter.kind() != DeadLetter.Kind.ENTRY;
        Outcome outcome = remove(letter, ofRun ? codec.encode(entry) : "", clearing);
        if (outcome == Outcome.DONE) {
            LOG.infof(
                    "letter=%s kind=%s dropped: %s", letter.id(), letter.kind().word(), reason.replaceAll("\\s", " "));
        }
        return outcome;
    }

    /** Removes the letter without a word: its time is over. */
    void forget(DeadLetter letter) {
        try {
            remove(letter, "", "");
        } catch (ProblemException e) {
            // Somebody redrives it at this very moment; the commit of that removes it.
            LOG.debugf("letter=%s stays: %s", letter.id(), e.getMessage());
        }
    }

    private Outcome remove(DeadLetter letter, String history, String clearing) {
        Partition p = RunId.partition(letter.id()).orElseThrow();
        var keys = List.of(
                Keys.deadLetters(p),
                Keys.deadIndex(p),
                Keys.deadCounts(p),
                Keys.history(p, letter.id()),
                Keys.cleared(p));
        var args = List.of(
                letter.id(),
                String.valueOf(letter.at().toEpochMilli()),
                history,
                clearing,
                String.valueOf(clock.millis()),
                String.valueOf(ASKED_ONCE_WITHIN.toMillis()));
        return switch (redis.run(Script.DROP, keys, args).toInteger()) {
            case 1 -> {
                dropped.increment();
                yield Outcome.DONE;
            }
            case 0 -> Outcome.GONE;
            default ->
                throw Problem.of(
                                Code.SL2041,
                                "cannot drop dead letter " + letter.id() + ": it is being redriven. Cancel its run"
                                        + " instead: POST /v1/runs/" + letter.run() + "/cancel.")
                        .asException();
        };
    }
}
