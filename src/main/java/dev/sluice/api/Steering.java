package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RunId;
import dev.sluice.store.Admission;
import dev.sluice.store.Definitions;
import dev.sluice.store.RunHead;
import dev.sluice.store.Runs;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.store.SecretMarks;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Carries out what persons ask of runs. What can be checked is checked now, so that they learn it; the orchestrator
 * checks it again when the run takes it in.
 */
@ApplicationScoped
class Steering {
    private final Runs runs;
    private final Definitions definitions;
    private final Partitions partitions;
    private final VisitFinder visits;
    private final Machine machine;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Steering(Runs runs, Definitions definitions, Partitions partitions, SecretMarks secrets, Clock clock) {
        this.runs = runs;
        this.definitions = definitions;
        this.partitions = partitions;
        this.machine = new Machine(RetryPolicy.DEFAULT, secrets);
        this.visits = new VisitFinder(runs, machine);
        this.clock = clock;
    }

    /**
     * @param key the same order under the same key is carried out once
     * @return id of the run that was acted upon; for a fork, of the new one. Redis has it.
     * @throws dev.sluice.workflow.ProblemException SL2002, SL2019, SL2020, SL2021, SL2001, SL2011, SL2014, SL3004
     */
    String carryOut(String id, Order order, Optional<String> key) {
        key.ifPresent(Starts::checkKey);
        RunHead head = runs.head(id).orElseThrow(() -> RunsResource.unknown(id));
        if (order.action() == Action.FORK) return fork(id, order, key);
        String name = key.map(k -> order.action().word() + "\n" + k).orElse("");
        if (!name.isEmpty() && runs.noted(id, name).isPresent()) return id;
        order.action().check(head);
        runs.post(id, event(id, order), name);
        return id;
    }

    /** @throws dev.sluice.workflow.ProblemException SL2002, SL2019, SL2025 */
    void signal(String id, CloudEventIn event) {
        RunHead head = runs.head(id).orElseThrow(() -> RunsResource.unknown(id));
        String name = "signal\n" + event.name();
        if (runs.noted(id, name).isPresent()) return;
        Action.SIGNAL.check(head);
        boolean full = runs.find(id).map(run -> run.signals().size()).orElse(0) >= Run.SIGNALS_MAX;
        if (full) {
            throw Problem.of(
                            Code.SL2025,
                            "run " + id + " keeps " + Run.SIGNALS_MAX
                                    + " signals that no step has listened for. Wait until it does, or send what it"
                                    + " listens for: GET /v1/runs/" + id + " says.")
                    .asException();
        }
        runs.post(id, new Event.EventArrived(Value.of(event.envelope()), true, "", clock.instant()), name);
    }

    private Event event(String id, Order order) {
        Instant now = clock.instant();
        return switch (order.action()) {
            case CANCEL -> new Event.CancelRequested(order.reason(), now);
            case KILL -> new Event.KillRequested(order.reason(), now);
            case PAUSE -> new Event.PauseRequested(now);
            case RESUME -> new Event.ResumeRequested(now);
            case RETRY -> new Event.RetryRequested(now);
            case MOVE -> move(run(id), order.revision(), now);
            case RESET -> {
                Run run = run(id);
                String step = visits.before(definition(run), run, order.step()).step();
                yield new Event.ResetRequested(step, order.input().map(Value::of), now);
            }
            case FORK, SIGNAL -> throw new IllegalStateException(order.action() + " is no event of its own");
        };
    }

    private Event move(Run run, String revision, Instant now) {
        var event = new Event.MoveRequested(revision, now);
        machine.move(definition(run), definitions.revision(run.workflow(), revision), run, event);
        return event;
    }

    private String fork(String id, Order order, Optional<String> key) {
        Run run = run(id);
        Definition definition = definition(run);
        Instant now = clock.instant();
        String group = RunId.partition(id).orElseThrow().group();
        String newId = key.map(k -> "fork\n" + id + "\n" + k)
                .map(k -> RunId.forKey(partitions.forKey(group, k), definition.qualifiedName(), k))
                .orElseGet(() -> RunId.next(partitions.any(group, random), now, random));
        if (order.step().isEmpty()) {
            JsonNode input = order.input().orElseGet(() -> run.input().tree());
            definition.checkInput(input);
            return accepted(newId, runs.start(Machine.forkFromStart(definition, run, input, newId, now)));
        }
        VisitFinder.Found found = visits.before(definition, run, order.step());
        var event = new Event.ResetRequested(found.step(), order.input().map(Value::of), now);
        List<String> transcript = found.transcriptWith(runs.line(event));
        Run forked = Machine.fork(found.rewound(), event, newId);
        return accepted(newId, runs.fork(forked, found.rewound().items(), transcript, now));
    }

    private static String accepted(String id, Acceptance acceptance) {
        if (acceptance == Acceptance.OTHER_INPUT) throw Admission.usedBefore(id).asException();
        return id;
    }

    private Run run(String id) {
        return runs.find(id).orElseThrow(() -> RunsResource.unknown(id));
    }

    private Definition definition(Run run) {
        return definitions.revision(run.workflow(), run.revision());
    }
}
