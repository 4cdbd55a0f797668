package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.ScheduleKeys;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Schedule;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The schedules in Redis: which workflows have one, and when each is due. */
final class ScheduleBook {
    /** The members of a schedule that go by the clock. */
    enum Kind {
        EVERY,
        CRON,
        AFTER;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        String member(String workflow) {
            return word() + " " + workflow;
        }
    }

    /** @param at when the run is due, or was */
    record Due(Kind kind, String workflow, Instant at) {
        private static Due read(String member, long at) {
            int space = member.indexOf(' ');
            return new Due(
                    Kind.valueOf(member.substring(0, space).toUpperCase(Locale.ROOT)),
                    member.substring(space + 1),
                    Instant.ofEpochMilli(at));
        }

        String member() {
            return kind.member(workflow);
        }
    }

    private final RedisLink redis;

    ScheduleBook(RedisLink redis) {
        this.redis = redis;
    }

    /** Makes the schedule of {@code definition} the workflow's; one that is the same goes on as it was. */
    void put(Definition definition, Instant now) {
        String workflow = definition.qualifiedName();
        Optional<Schedule> schedule = definition.schedule();
        boolean listens = schedule.flatMap(Schedule::on).isPresent();
        var args = new ArrayList<>(List.of(
                workflow,
                schedule.isEmpty()
                        ? ""
                        : Json.canonicalText(definition.document().path("schedule")),
                listens ? definition.revision() : "",
                Kind.AFTER.member(workflow)));
        for (Kind kind : Kind.values()) {
            args.add(kind.member(workflow));
            args.add(schedule.flatMap(s -> first(s, kind, now))
                    .map(ScheduleBook::millis)
                    .orElse(""));
        }
        var keys = List.of(
                ScheduleKeys.schedules(),
                ScheduleKeys.schedulesDue(),
                ScheduleKeys.schedulesParked(),
                ScheduleKeys.schedulesPaused(),
                ScheduleKeys.chains(),
                ScheduleKeys.schedulesListening(),
                ScheduleKeys.collected(workflow));
        redis.run(Script.SCHEDULE, keys, args);
    }

    /** When a schedule that begins now has its first run: an interval begins with waiting, a chain with a run. */
    private static Optional<Instant> first(Schedule schedule, Kind kind, Instant now) {
        return switch (kind) {
            case EVERY -> schedule.every().map(now::plus);
            case CRON -> schedule.cron().flatMap(cron -> cron.next(now));
            case AFTER -> schedule.after().map(after -> now);
        };
    }

    /** The longest due first. */
    List<Due> due(Instant now, int count) {
        return entries(redis.send(
                Command.ZRANGE,
                ScheduleKeys.schedulesDue(),
                "-inf",
                now.toEpochMilli(),
                "BYSCORE",
                "LIMIT",
                0,
                count,
                "WITHSCORES"));
    }

    private static List<Due> entries(Response reply) {
        var entries = new ArrayList<Due>();
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            entries.add(Due.read(reply.get(i).toString(), reply.get(i + 1).toLong()));
        }
        return entries;
    }

    /** The run of {@code due} is started now: the chain waits for its end. To be said before the run starts. */
    void begin(Due due, String run) {
        if (due.kind() == Kind.AFTER) redis.send(Command.HSET, ScheduleKeys.chains(), due.member(), run);
    }

    /** @param next empty: when the run has ended */
    void move(Due due, Optional<Instant> next) {
        redis.run(
                Script.DUE,
                List.of(ScheduleKeys.schedulesDue()),
                List.of(
                        due.member(),
                        millis(due.at()),
                        next.map(ScheduleBook::millis).orElse("")));
    }

    /** @param run that has ended; any but the last one of the chain changes nothing */
    void again(String workflow, String run, Instant dueAt) {
        redis.run(
                Script.AGAIN,
                List.of(
                        ScheduleKeys.schedulesDue(),
                        ScheduleKeys.schedulesParked(),
                        ScheduleKeys.schedulesPaused(),
                        ScheduleKeys.chains()),
                List.of(Kind.AFTER.member(workflow), workflow, run, millis(dueAt)));
    }

    /** Remembers what came of a due time, to show it. */
    void last(String member, ObjectNode last) {
        redis.send(Command.HSET, ScheduleKeys.schedulesLast(), member, Json.text(last));
    }

    /** @return false when the workflow has no schedule */
    boolean pause(String workflow, Instant now) {
        return park(workflow, millis(now), now, Map.of());
    }

    /** What fell into the pause is not made up for. */
    boolean resume(String workflow, Schedule schedule, Instant now) {
        var next = new TreeMap<Kind, Instant>();
        for (Kind kind : Kind.values()) first(schedule, kind, now).ifPresent(at -> next.put(kind, at));
        return park(workflow, "", now, next);
    }

    private boolean park(String workflow, String pausedAt, Instant now, Map<Kind, Instant> next) {
        var args = new ArrayList<>(List.of(workflow, pausedAt, millis(now)));
        for (Kind kind : Kind.values()) {
            args.add(kind.member(workflow));
            args.add(millis(next.getOrDefault(kind, now)));
        }
        var keys = List.of(
                ScheduleKeys.schedules(),
                ScheduleKeys.schedulesDue(),
                ScheduleKeys.schedulesParked(),
                ScheduleKeys.schedulesPaused());
        return redis.run(Script.PARK, keys, args).toInteger() == 1;
    }

    /** The workflows that events start, each with its revision, without those that are paused. */
    Map<String, String> listening() {
        List<Response> replies = redis.sendAll(List.of(
                RedisLink.request(Command.HGETALL, ScheduleKeys.schedulesListening()),
                RedisLink.request(Command.HKEYS, ScheduleKeys.schedulesPaused())));
        Map<String, String> listening = map(replies.get(0));
        replies.get(1).forEach(workflow -> listening.remove(workflow.toString()));
        return listening;
    }

    /**
     * @param spec the schedule as the document has it
     * @param next when each kind is due next; a chain whose run has not ended has no time
     * @param last by kind: {@code run dueAt at}, or {@code problem} in place of a run
     */
    record Shown(
            String workflow,
            JsonNode spec,
            Optional<Instant> pausedAt,
            Map<String, Instant> next,
            Map<String, JsonNode> last) {}

    /** All schedules, by the name of their workflow. */
    List<Shown> all() {
        List<Response> replies = redis.sendAll(List.of(
                RedisLink.request(Command.HGETALL, ScheduleKeys.schedules()),
                RedisLink.request(Command.HGETALL, ScheduleKeys.schedulesPaused()),
                RedisLink.request(Command.ZRANGE, ScheduleKeys.schedulesDue(), 0, -1, "WITHSCORES"),
                RedisLink.request(Command.ZRANGE, ScheduleKeys.schedulesParked(), 0, -1, "WITHSCORES"),
                RedisLink.request(Command.HGETALL, ScheduleKeys.schedulesLast())));
        Map<String, String> paused = map(replies.get(1));
        var due = new ArrayList<>(entries(replies.get(2)));
        due.addAll(entries(replies.get(3)));
        Map<String, String> last = map(replies.get(4));
        var all = new ArrayList<Shown>();
        map(replies.get(0)).forEach((workflow, spec) -> {
            var next = new TreeMap<String, Instant>();
            due.stream()
                    .filter(d -> d.workflow().equals(workflow))
                    .forEach(d -> next.put(d.kind().word(), d.at()));
            var pausedAt =
                    Optional.ofNullable(paused.get(workflow)).map(at -> Instant.ofEpochMilli(Long.parseLong(at)));
            all.add(new Shown(workflow, Json.tree(spec), pausedAt, next, last(last, workflow)));
        });
        return all;
    }

    private static Map<String, JsonNode> last(Map<String, String> last, String workflow) {
        var shown = new TreeMap<String, JsonNode>();
        last.forEach((member, text) -> {
            int space = member.indexOf(' ');
            if (member.substring(space + 1).equals(workflow)) shown.put(member.substring(0, space), Json.tree(text));
        });
        return shown;
    }

    private static Map<String, String> map(Response flat) {
        var map = new TreeMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            map.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return map;
    }

    static ObjectNode json() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String millis(Instant at) {
        return String.valueOf(at.toEpochMilli());
    }
}
