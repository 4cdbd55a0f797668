package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.ScheduleKeys;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Collecting;
import dev.sluice.workflow.EventSet;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Events in Redis that wait for others, until they start a run together. */
final class Collected {
    /** 10,000 different correlation values of one workflow whose events wait: some 10 MB of events of 1 KB. */
    static final int GROUPS_MAX = 10_000;

    /** One day: the same source and id within it are the same event. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    /** 100: as many others would have to write the same group between this one's reading and writing. */
    private static final int TRIES_MAX = 100;

    private final RedisLink redis;
    private final Payloads payloads;

    Collected(RedisLink redis, Payloads payloads) {
        this.redis = redis;
        this.payloads = payloads;
    }

    /** @param name the same for the same events of the same workflow; @param revision that starts by them */
    record Complete(String name, String workflow, String revision, EventSet set) {}

    /**
     * Takes one event in, once.
     *
     * @param event whole envelope; @param name its source and id
     * @return the set that it completes
     * @throws dev.sluice.workflow.ProblemException SL2032 when too many events wait; SL2016, retryable, when others
     *     write at the same time
     */
    Optional<Complete> add(
            Collecting collecting, String group, String workflow, String revision, String name, JsonNode event) {
        String key = ScheduleKeys.collected(workflow);
        var keys = List.of(key, ScheduleKeys.counted(workflow, name), ScheduleKeys.complete());
        for (int i = 0; i < TRIES_MAX; i++) {
            Response stored = redis.send(Command.HGET, key, group);
            String read = stored == null ? "" : stored.toString();
            Collecting.Taken taken = collecting.take(decode(read), name, event);
            boolean full = !taken.taken()
                    || read.isEmpty()
                            && !taken.open().isEmpty()
                            && redis.send(Command.HLEN, key).toInteger() >= GROUPS_MAX;
            if (full) throw full(workflow, group);
            Optional<Complete> complete = taken.complete().map(set -> complete(workflow, revision, set));
            var args = List.of(
                    group,
                    read,
                    encode(taken.open()),
                    String.valueOf(REMEMBERED.toMillis()),
                    complete.map(Complete::name).orElse(""),
                    complete.map(this::encode).orElse(""));
            int reply = redis.run(Script.COLLECT, keys, args).toInteger();
            if (reply == 1) return complete;
            if (reply == -1) return Optional.empty();
        }
        throw Problem.of(Code.SL2016, "too many writers of the events of workflow '" + workflow + "' at once")
                .retry()
                .asException();
    }

    private static RuntimeException full(String workflow, String group) {
        return Problem.of(
                        Code.SL2032,
                        "workflow '" + workflow + "' has too many events that wait for others (of " + group
                                + "); this one is not taken. See /v1/schedules.")
                .asException();
    }

    private static Complete complete(String workflow, String revision, EventSet set) {
        return new Complete(workflow + "\n" + String.join("\n", set.names()), workflow, revision, set);
    }

    /** Sets whose run may not have been started yet. */
    List<Complete> complete() {
        var all = new ArrayList<Complete>();
        Response flat = redis.send(Command.HGETALL, ScheduleKeys.complete());
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            JsonNode json = Json.tree(flat.get(i + 1).toString());
            all.add(new Complete(
                    flat.get(i).toString(),
                    json.path("workflow").asText(),
                    json.path("revision").asText(),
                    set(json.path("set"))));
        }
        return all;
    }

    /** The set's run is there. */
    void done(Complete complete) {
        redis.send(Command.HDEL, ScheduleKeys.complete(), complete.name());
    }

    private String encode(Complete complete) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("workflow", complete.workflow()).put("revision", complete.revision());
        json.set("set", json(complete.set()));
        return Json.text(json);
    }

    private String encode(List<EventSet> sets) {
        if (sets.isEmpty()) return "";
        var array = JsonNodeFactory.instance.arrayNode();
        sets.forEach(set -> array.add(json(set)));
        return Json.text(array);
    }

    private ObjectNode json(EventSet set) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        set.matched().forEach(json.putArray("matched")::add);
        set.stopped().forEach(json.putArray("stopped")::add);
        set.names().forEach(json.putArray("names")::add);
        set.events().forEach(event -> json.withArray("events").add(payloads.pack(event)));
        return json;
    }

    private List<EventSet> decode(String text) {
        var sets = new ArrayList<EventSet>();
        if (!text.isEmpty()) Json.tree(text).forEach(set -> sets.add(set(set)));
        return sets;
    }

    private EventSet set(JsonNode json) {
        var names = new ArrayList<String>();
        json.path("names").forEach(name -> names.add(name.asText()));
        var events = new ArrayList<JsonNode>();
        json.path("events").forEach(event -> events.add(payloads.unpack(event.asText())));
        return new EventSet(numbers(json.path("matched")), numbers(json.path("stopped")), names, events);
    }

    private static List<Integer> numbers(JsonNode array) {
        var numbers = new ArrayList<Integer>();
        array.forEach(number -> numbers.add(number.asInt()));
        return numbers;
    }
}
