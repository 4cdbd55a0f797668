package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.RedisLink;
import dev.sluice.store.ScheduleBook.Due;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Collecting;
import dev.sluice.workflow.Consumption;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Schedule;
import dev.sluice.workflow.Service;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Runs that start by themselves. A run's id follows from what it is started for, and it is started before its due time
 * is moved on: a process that ends in between loses nothing and starts nothing twice.
 */
@ApplicationScoped
public class Schedules {
    private static final Logger LOG = Logger.getLogger(Schedules.class);

    /** 200 a turn: some 100 ms; the others have theirs a sweep later, and none of them is lost. */
    private static final int DUE_MAX = 200;

    /** One minute: a schedule that cannot be read neither is tried every second nor hides those after it. */
    private static final Duration PUT_OFF = Duration.ofMinutes(1);

    /** Extension attributes of an event: on whose behalf, and how urgent, the run is that it starts. */
    public static final String TENANT = "sluicetenant";

    public static final String PRIORITY = "sluicepriority";

    private final Definitions definitions;
    private final Starter starter;
    private final Clock clock;
    private final ScheduleBook book;
    private final Collected collected;

    Schedules(Definitions definitions, Starter starter, RedisLink redis, Payloads payloads, Clock clock) {
        this.definitions = definitions;
        this.starter = starter;
        this.clock = clock;
        this.book = new ScheduleBook(redis);
        this.collected = new Collected(redis, payloads);
    }

    /**
     * What became of an event.
     *
     * @param runs ids of those that it started, now or when it came first
     * @param refusals why it did not start others that it is for
     * @param collected whether it waits for others, or came to some that waited
     */
    public record Heard(List<String> runs, List<ProblemException> refusals, boolean collected) {
        /** Whether any workflow is for it. */
        public boolean byAnyone() {
            return collected || !runs.isEmpty() || !refusals.isEmpty();
        }
    }

    /** An event of a run: see {@link #startBy(JsonNode, boolean)}. */
    public Heard startBy(JsonNode event) {
        return startBy(event, false);
    }

    /**
     * Starts every workflow that the event is for, or lets it wait there for those that it needs.
     *
     * @param event whole envelope; its source and id are what it is known by
     * @param isOutside whether it came from outside: then a run may be refused where too much waits
     */
    public Heard startBy(JsonNode event, boolean isOutside) {
        var heard = new Heard(new ArrayList<>(), new ArrayList<>(), false);
        boolean waits = false;
        for (Map.Entry<String, String> listener : book.listening().entrySet()) {
            try {
                waits |= offer(
                        definitions.revision(listener.getKey(), listener.getValue()), event, isOutside, heard.runs());
            } catch (ProblemException e) {
                if (e.problem().retryable()) throw e;
                LOG.warnf("workflow=%s is not started by event %s: %s", listener.getKey(), name(event), e.getMessage());
                heard.refusals().add(e);
            }
        }
        return new Heard(heard.runs(), heard.refusals(), waits);
    }

    /** @return whether the event was collected */
    private boolean offer(Definition workflow, JsonNode event, boolean isOutside, List<String> runs) {
        Consumption on = workflow.schedule().flatMap(Schedule::on).orElse(null);
        if (on == null) return false;
        var collecting = new Collecting(on, clock.instant());
        Optional<String> group = collecting.group(event);
        if (group.isEmpty()) return false;
        if (!Collecting.collects(on)) {
            JsonNode input = JsonNodeFactory.instance.arrayNode().add(event);
            runs.add(starter.startByEvent(workflow, input, name(event), asked(event), isOutside));
            return false;
        }
        collected
                .add(collecting, group.get(), workflow.qualifiedName(), workflow.revision(), name(event), event)
                .map(this::start)
                .ifPresent(runs::add);
        return true;
    }

    /** What an event asks for by its extension attributes; values that are none are left to the workflow. */
    private static Service.Asked asked(JsonNode event) {
        Optional<String> tenant = Optional.of(event.path(TENANT).asText()).filter(Service::isTenant);
        return new Service.Asked(tenant, Priority.of(event.path(PRIORITY).asText()), Optional.empty());
    }

    private String start(Collected.Complete complete) {
        Definition workflow = definitions.revision(complete.workflow(), complete.revision());
        ObjectNode cause = ScheduleBook.json().put("kind", "events");
        complete.set().names().forEach(cause.putArray("events")::add);
        String key = "events\n" + String.join("\n", complete.set().names());
        String run = starter.start(workflow, Collecting.array(complete.set()), key, Optional.of(cause));
        collected.done(complete);
        return run;
    }

    private static String name(JsonNode event) {
        return event.path("source").asText() + "\n" + event.path("id").asText();
    }

    /** Starts whatever is due. To be called again and again, by any number of processes. */
    public void startDue() {
        for (Collected.Complete complete : collected.complete()) {
            try {
                start(complete);
            } catch (ProblemException e) {
                if (e.problem().retryable()) throw e;
                LOG.warnf("workflow=%s is not started by its events: %s", complete.workflow(), e.getMessage());
                collected.done(complete);
            }
        }
        Instant now = clock.instant();
        for (Due due : book.due(now, DUE_MAX)) {
            try {
                start(due, now);
            } catch (RuntimeException e) {
                if (e instanceof ProblemException p && p.problem().retryable()) throw e;
                LOG.errorf(e, "workflow=%s cannot be started by its schedule", due.workflow());
                book.move(due, Optional.of(now.plus(PUT_OFF)));
            }
        }
    }

    private void start(Due due, Instant now) {
        Definition workflow = definitions.latest(due.workflow()).orElse(null);
        Schedule schedule = workflow == null ? null : workflow.schedule().orElse(null);
        Optional<Instant> latest = schedule == null ? Optional.empty() : latest(schedule, due, now);
        if (latest.isEmpty()) {
            book.move(due, Optional.empty());
            return;
        }
        ObjectNode last =
                ScheduleBook.json().put("dueAt", latest.get().toString()).put("at", now.toString());
        boolean started = start(workflow, due, latest.get(), last);
        book.move(due, next(schedule, due, latest.get(), started, now));
        book.last(due.member(), last);
    }

    /** The last time that has passed: one run makes up for all that were missed, as with cron jobs of Kubernetes. */
    private static Optional<Instant> latest(Schedule schedule, Due due, Instant now) {
        return switch (due.kind()) {
            case EVERY ->
                schedule.every().map(every -> {
                    long missed = Duration.between(due.at(), now).toMillis() / every.toMillis();
                    return due.at().plus(every.multipliedBy(missed));
                });
            case CRON ->
                schedule.cron()
                        .map(cron -> cron.last(now)
                                .filter(at -> at.isAfter(due.at()))
                                .orElse(due.at()));
            case AFTER -> schedule.after().map(after -> due.at());
        };
    }

    /** @param last gets the run, or why there is none */
    private boolean start(Definition workflow, Due due, Instant dueAt, ObjectNode last) {
        String kind = due.kind().word();
        String key = "schedule\n" + due.workflow() + "\n" + kind + "\n" + dueAt.toEpochMilli();
        book.begin(due, starter.idFor(workflow, key));
        ObjectNode cause = ScheduleBook.json().put("kind", kind).put("dueAt", dueAt.toString());
        try {
            JsonNode input = ScheduleBook.json();
            last.put("run", starter.start(workflow, input, key, Optional.of(cause)));
            return true;
        } catch (ProblemException e) {
            if (e.problem().retryable()) throw e;
            LOG.warnf("workflow=%s is not started by its schedule: %s", due.workflow(), e.getMessage());
            last.set("problem", e.problem().toJson());
            return false;
        }
    }

    private static Optional<Instant> next(Schedule schedule, Due due, Instant latest, boolean started, Instant now) {
        return switch (due.kind()) {
            case EVERY -> schedule.every().map(latest::plus);
            case CRON -> schedule.cron().flatMap(cron -> cron.next(now));
            // A run that was refused has no end to wait for.
            case AFTER -> started ? Optional.empty() : schedule.after().map(now::plus);
        };
    }

    /**
     * A run has ended whose workflow had {@code schedule.after}. If it is the last one that the schedule started, the
     * next is due so long after it as the latest revision says.
     */
    public void startAgain(String workflow, String run, Instant endedAt) {
        definitions
                .latest(workflow)
                .flatMap(Definition::schedule)
                .flatMap(Schedule::after)
                .ifPresent(after -> book.again(workflow, run, endedAt.plus(after)));
    }

    /**
     * @param workflow {@code namespace.name}
     * @param schedule as the document has it
     * @param next when a run is due next, by {@code every}, {@code cron} and {@code after}; a chain whose run has not
     *     ended has no time
     * @param last what came of the last due time, by the same: {@code run} or {@code problem}, {@code dueAt},
     *     {@code at}
     */
    public record Entry(
            String workflow,
            JsonNode schedule,
            Optional<Instant> pausedAt,
            Map<String, Instant> next,
            Map<String, JsonNode> last) {}

    /** By the name of their workflow. */
    public List<Entry> all() {
        return book.all().stream()
                .map(s -> new Entry(s.workflow(), s.spec(), s.pausedAt(), s.next(), s.last()))
                .toList();
    }

    /**
     * No run starts by itself until {@link #resume}; also not after another deployment.
     *
     * @param workflow {@code namespace.name} or {@code name}
     * @throws ProblemException SL2030 when it has no schedule
     */
    public void pause(String workflow) {
        String name = scheduled(workflow).qualifiedName();
        if (!book.pause(name, clock.instant())) throw none(workflow);
    }

    /** @throws ProblemException SL2030 */
    public void resume(String workflow) {
        Definition definition = scheduled(workflow);
        boolean done =
                book.resume(definition.qualifiedName(), definition.schedule().orElseThrow(), clock.instant());
        if (!done) throw none(workflow);
    }

    /**
     * Starts a run now, beside those that are due.
     *
     * @return its id
     * @throws ProblemException SL2030; SL2031 when only events start the workflow
     */
    public String trigger(String workflow) {
        Definition definition = scheduled(workflow);
        if (!definition.schedule().orElseThrow().isTimed()) {
            throw Problem.of(
                            Code.SL2031,
                            "workflow '" + workflow + "' starts by events alone, and there is none to start it with."
                                    + " Send one to /v1/events.")
                    .asException();
        }
        ObjectNode cause = ScheduleBook.json().put("kind", "trigger");
        String key = "trigger\n" + definition.qualifiedName() + "\n" + clock.millis();
        return starter.start(definition, ScheduleBook.json(), key, Optional.of(cause));
    }

    private Definition scheduled(String workflow) {
        return definitions
                .latest(workflow)
                .filter(d -> d.schedule().isPresent())
                .orElseThrow(() -> none(workflow));
    }

    private static ProblemException none(String workflow) {
        return Problem.of(
                        Code.SL2030,
                        "there is no workflow '" + workflow + "' with a schedule. GET /v1/schedules lists those there"
                                + " are.")
                .asException();
    }
}
