package dev.sluice.orchestrator;

import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.RedisRefused;
import dev.sluice.store.Commit;
import dev.sluice.store.Commit.Fate;
import dev.sluice.store.Commit.Taken;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.Definitions;
import dev.sluice.store.EventCodec;
import dev.sluice.store.OutboxEntry;
import dev.sluice.store.Runs;
import dev.sluice.store.SecretMarks;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Transition;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Lets the machine decide what a run's new events mean, and makes one commit of it. */
@ApplicationScoped
class Intake {
    private static final Logger LOG = Logger.getLogger(Intake.class);

    private final Definitions definitions;
    private final Runs runs;
    private final EventCodec codec;
    private final Aftermath aftermath;
    private final Clock clock;
    private final Machine machine;

    Intake(
            Definitions definitions,
            Runs runs,
            EventCodec codec,
            Aftermath aftermath,
            SecretMarks secrets,
            Clock clock) {
        this.definitions = definitions;
        this.runs = runs;
        this.codec = codec;
        this.aftermath = aftermath;
        this.clock = clock;
        this.machine = new Machine(RetryPolicy.DEFAULT, secrets);
    }

    Commit take(Run before, List<InboxEntry> entries) {
        var effects = new ArrayList<Effect>();
        var history = new ArrayList<HistoryEntry>();
        var taken = new ArrayList<Taken>();
        Run run = before;
        for (InboxEntry entry : entries) {
            Event event = decode(entry);
            Transition decided = event == null ? null : advance(run, event);
            Transition transition = decided == null ? abort(run, entry.event()) : decided;
            Fate fate = decided == null ? Fate.DROPPED : fate(run, decided);
            taken.add(new Taken(entry.entryId(), text(event, entry), entry.data(), fate));
            run = transition.run();
            effects.addAll(transition.effects());
            history.addAll(transition.history());
        }
        if (run.status().isFinal()) effects.removeIf(Intake::isForTheFuture);
        List<OutboxEntry> outbox = before == run ? List.of() : aftermath.of(before, run, history);
        return new Commit(before, run, effects, history, taken, outbox, letter(before, run));
    }

    private Optional<DeadLetter> letter(Run before, Run after) {
        return DeadLetter.isDue(before, after)
                ? Optional.of(DeadLetter.of(before, after, function(after)))
                : Optional.empty();
    }

    /** Of the step that the run failed with; empty when it calls none, or the revision is gone. */
    private String function(Run failed) {
        try {
            Definition definition = definitions.revision(failed.workflow(), failed.revision());
            return DeadLetter.function(definition, failed);
        } catch (ProblemException e) {
            if (mayPass(e)) throw e;
            return "";
        }
    }

    /** What ended needs no task and no wake-up any more. */
    private static boolean isForTheFuture(Effect effect) {
        return effect instanceof Effect.EnqueueTask
                || effect instanceof Effect.SetTimer
                || effect instanceof Effect.Subscribe
                || effect instanceof Effect.Deliver
                || effect instanceof Effect.LoadItems;
    }

    /** @return null when a defect keeps the event out: it must neither stop the partition nor hide the run */
    private Transition advance(Run run, Event event) {
        try {
            Definition definition = definitions.revision(run.workflow(), run.revision());
            return switch (event) {
                case Event.ResetRequested reset -> reset(definition, run, reset);
                case Event.MoveRequested move -> move(definition, run, move);
                default -> machine.advance(definition, run, event);
            };
        } catch (RuntimeException e) {
            if (mayPass(e)) throw e;
            LOG.errorf(e, "run=%s event=%s cannot be taken in; the run fails", run.id(), event);
            return null;
        }
    }

    private Transition abort(Run run, String event) {
        Problem problem = Problem.of(
                Code.SL9001,
                "the orchestrator could not take in " + event + ". Please report it, with the log of this moment.");
        return machine.abort(run, problem, now());
    }

    private static Fate fate(Run before, Transition transition) {
        if (transition.effects().stream().anyMatch(Effect.Hold.class::isInstance)) return Fate.HELD;
        return transition.run() == before ? Fate.DROPPED : Fate.RECORDED;
    }

    /** What the API has checked may be otherwise by now; then nothing happens, and the log says why. */
    private Transition reset(Definition definition, Run run, Event.ResetRequested reset) {
        List<Event> events = runs.events(runs.transcript(run.id()));
        return machine.rewind(definition, Runs.accepted(definition, run), events, reset.step())
                .map(target -> machine.reset(definition, run, target, reset))
                .orElseGet(() -> ignored(run, "there is no step " + reset.step() + " to go back to"));
    }

    private Transition move(Definition definition, Run run, Event.MoveRequested move) {
        try {
            Definition to = definitions.revision(run.workflow(), move.revision());
            return machine.move(definition, to, run, move);
        } catch (ProblemException e) {
            if (mayPass(e)) throw e;
            return ignored(run, e.getMessage());
        }
    }

    private static Transition ignored(Run run, String reason) {
        LOG.warnf("run=%s stays as it is: %s", run.id(), reason);
        return new Transition(run, List.of(), List.of());
    }

    /** In ms, as times are stored: a time limit that follows from it is the same when it is read again. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** @return null when the entry is not readable, and never will be */
    private Event decode(InboxEntry entry) {
        try {
            Event event = codec.decode(entry.event(), entry.data());
            // A start happens when it is taken in: until then the run is queued.
            return event instanceof Event.RunStarted ? new Event.RunStarted(now()) : event;
        } catch (RuntimeException e) {
            if (mayPass(e)) throw e;
            LOG.errorf(e, "the event %s cannot be read", entry.event());
            return null;
        }
    }

    /**
     * The transcript has the time at which the start was taken in: a run that is taken back begins at the same time.
     */
    private String text(Event event, InboxEntry entry) {
        return event instanceof Event.RunStarted ? codec.encode(event).event() : entry.event();
    }

    /** True for what is no fault of the run: then the events stay, and the next sweep tries again. */
    static boolean mayPass(RuntimeException e) {
        return switch (e) {
            case ProblemException p -> p.problem().retryable();
            case RedisRefused refused -> true;
            case UncheckedIOException io -> !(io.getCause() instanceof NoSuchFileException);
            default -> false;
        };
    }
}
