package dev.sluice.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Partition;
import dev.sluice.store.ApprovalLinks;
import dev.sluice.store.Definitions;
import dev.sluice.store.Outbox;
import dev.sluice.store.Outbox.Wanted;
import dev.sluice.store.RunHead;
import dev.sluice.store.Runs;
import dev.sluice.store.Schedules;
import dev.sluice.store.Starter;
import dev.sluice.store.Subscriptions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Carries out what runs want of others: events for those who listen, runs to start and to end, and their results. Each
 * may be carried out twice, because a process may end between the deed and its removal; it does no harm.
 */
@ApplicationScoped
class Deliveries {
    private static final Logger LOG = Logger.getLogger(Deliveries.class);

    /** 200: a round trip's worth. */
    private static final int BATCH_MAX = 200;

    /** 50 batches: then the partition's inbox has its turn. */
    private static final int BATCHES_MAX = 50;

    private final Outbox outbox;
    private final Subscriptions subscriptions;
    private final Definitions definitions;
    private final Starter starter;
    private final Runs runs;
    private final Schedules schedules;
    private final ApprovalLinks links;
    private final Clock clock;
    private final boolean hasSink;

    Deliveries(
            Outbox outbox,
            Subscriptions subscriptions,
            Definitions definitions,
            Starter starter,
            Runs runs,
            Schedules schedules,
            ApprovalLinks links,
            Clock clock,
            @ConfigProperty(name = "sluice.events.sink") Optional<String> sink) {
        this.outbox = outbox;
        this.subscriptions = subscriptions;
        this.definitions = definitions;
        this.starter = starter;
        this.runs = runs;
        this.schedules = schedules;
        this.links = links;
        this.clock = clock;
        this.hasSink = sink.filter(url -> !url.isBlank()).isPresent();
    }

    /** Works off the partition's outbox. */
    void deliver(Partition partition) {
        for (int batch = 0; batch < BATCHES_MAX; batch++) {
            List<Wanted> wanted = outbox.read(partition, BATCH_MAX);
            if (wanted.isEmpty()) return;
            for (Wanted each : wanted) {
                deliver(partition, each);
                outbox.done(partition, each.entryId());
            }
        }
    }

    private void deliver(Partition partition, Wanted wanted) {
        try {
            switch (wanted.kind()) {
                case EMIT -> {
                    JsonNode event = links.added(wanted.run(), outbox.data(wanted));
                    publish(event);
                    if (hasSink) outbox.toSink(partition, event);
                }
                case TELL -> {
                    if (hasSink) outbox.toSink(partition, wanted.data());
                }
                case START -> start(wanted);
                case END -> end(wanted);
                case ENDED -> tellParent(wanted);
                case AGAIN ->
                    schedules.startAgain(
                            wanted.attributes().path("workflow").asText(),
                            wanted.run(),
                            Instant.ofEpochMilli(wanted.attributes().path("at").asLong()));
            }
        } catch (RuntimeException e) {
            if (Intake.mayPass(e)) throw e;
            LOG.errorf(e, "run=%s %s goes to the dead letters", wanted.run(), wanted.kind());
            outbox.bury(partition, wanted, e.toString(), clock.instant());
        }
    }

    /** To the runs that listen and to the workflows that an event starts. */
    void publish(JsonNode event) {
        subscriptions.publish(event);
        schedules.startBy(event);
    }

    private void start(Wanted wanted) {
        JsonNode a = wanted.attributes();
        var parent = new Run.Parent(
                wanted.run(),
                a.path("step").asText(),
                a.path("attempt").asInt(),
                a.path("await").asBoolean());
        try {
            Definition definition = definition(a);
            starter.startChild(definition, outbox.data(wanted), parent);
        } catch (RuntimeException e) {
            if (Intake.mayPass(e)) throw e;
            // Who does not wait is told by the log alone, as the DSL has it.
            LOG.warnf("run=%s step=%s cannot start a run: %s", parent.run(), parent.step(), e.getMessage());
            tell(parent, Value.NULL, Optional.of(problem(e)));
            return;
        }
        tellIfEnded(parent);
    }

    /** A start that is repeated finds its run as it is; one that had ended before tells so once more. */
    private void tellIfEnded(Run.Parent parent) {
        if (!parent.await()) return;
        runs.find(starter.childOf(parent.run(), parent.step(), parent.attempt()))
                .filter(child -> child.status().isFinal())
                .ifPresent(child -> tell(parent, output(child), problem(child)));
    }

    private Definition definition(JsonNode a) {
        String namespace = a.path("namespace").asText();
        String name = a.path("name").asText();
        String version = a.path("version").asText();
        Optional<Definition> found = version.equals("latest")
                ? definitions.latest(namespace + "." + name)
                : definitions.version(namespace, name, version);
        return found.orElseThrow(() -> Problem.of(
                        Code.SL2001,
                        "there is no workflow '" + name + "' of version " + version + " in namespace '" + namespace
                                + "'. Deploy it first.")
                .asException());
    }

    private void end(Wanted wanted) {
        JsonNode a = wanted.attributes();
        String child = starter.childOf(
                wanted.run(), a.path("step").asText(), a.path("attempt").asInt());
        String reason = "the run that started it, " + wanted.run() + ", has ended or given it up";
        Instant now = clock.instant();
        boolean kill = a.path("policy").asText().equals(Effect.ClosePolicy.KILL.name());
        runs.post(child, kill ? new Event.KillRequested(reason, now) : new Event.CancelRequested(reason, now));
    }

    private void tellParent(Wanted wanted) {
        JsonNode a = wanted.attributes();
        var parent = new Run.Parent(
                a.path("run").asText(),
                a.path("step").asText(),
                a.path("attempt").asInt(),
                true);
        boolean failed = a.path("failed").asBoolean();
        try {
            JsonNode data = outbox.data(wanted);
            tell(
                    parent,
                    failed ? Value.NULL : Value.of(data),
                    failed ? Optional.of(Problem.fromJson(data)) : Optional.empty());
        } catch (RuntimeException e) {
            if (Intake.mayPass(e)) throw e;
            LOG.errorf(e, "run=%s: how it ended cannot be read", wanted.run());
            tell(parent, Value.NULL, Optional.of(problem(e)));
        }
    }

    private static Problem problem(RuntimeException e) {
        return e instanceof ProblemException p
                ? p.problem()
                : Problem.of(Code.SL9001, "what the two runs have for each other is lost: " + e.getMessage());
    }

    private void tell(Run.Parent parent, Value output, Optional<Problem> problem) {
        if (!parent.await()) return;
        runs.post(
                parent.run(), new Event.ChildEnded(parent.step(), parent.attempt(), output, problem, clock.instant()));
    }

    static Value output(Run run) {
        return run.state() instanceof RunState.Succeeded done ? done.output() : Value.NULL;
    }

    /** Why the run has no output; empty when it succeeded. */
    static Optional<Problem> problem(Run run) {
        return switch (RunHead.of(run).phase()) {
            case FAILED -> RunHead.of(run).problem();
            case CANCELLED ->
                Optional.of(Problem.of(
                        Code.SL4021,
                        "run " + run.id() + " was cancelled: " + RunHead.of(run).reason()));
            case ACCEPTED, RUNNING, PAUSED, CANCELLING, SUCCEEDED -> Optional.empty();
        };
    }
}
