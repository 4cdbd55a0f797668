package dev.sluice.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.workflow.Service;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of a lane's entry, as {@code commit.lua} writes them. {@code more} is JSON: {@code w} the workflow's
 * qualified name, and where a task has it {@code key} idempotency key, {@code limit} in ms, {@code tell}, {@code o}
 * origin of a forked run, {@code b} budget, {@code limits}.
 */
final class TaskFields {
    private static final ObjectMapper JSON = new ObjectMapper();

    private String run = "";
    private String step = "";
    private String attempt = "";
    private String input = "";
    private String at = "";
    private String more = "";

    private TaskFields() {}

    /**
     * @param flat field, value, field, value, …
     * @throws NumberFormatException when it is not a task
     */
    static Task read(LaneName lane, Response flat) {
        var fields = new TaskFields();
        for (int i = 0; i + 1 < flat.size(); i += 2)
            fields.set(flat.get(i).toString(), flat.get(i + 1).toString());
        return fields.task(lane);
    }

    private void set(String name, String value) {
        switch (name) {
            case "run" -> run = value;
            case "step" -> step = value;
            case "attempt" -> attempt = value;
            case "input" -> input = value;
            case "at" -> at = value;
            case "more" -> more = value;
            default -> {}
        }
    }

    private Task task(LaneName lane) {
        JsonNode tree = more.isEmpty() ? MissingNode.getInstance() : tree(more);
        JsonNode budget = tree.path("b");
        return new Task(
                run,
                step,
                Integer.parseInt(attempt),
                lane.function(),
                input,
                Instant.ofEpochMilli(Long.parseLong(at)),
                tree.path("key").asText(run + ":" + step),
                Duration.ofMillis(tree.path("limit").asLong()),
                tree.path("tell").asBoolean(),
                limits(tree.path("limits")),
                0,
                new OnBehalf(
                        lane.tenant(),
                        tree.path("w").asText(),
                        tree.path("o").asText(),
                        budget.isMissingNode() ? "" : budget.toString()));
    }

    /** A list of key and maximum. */
    private static List<Service.Limit> limits(JsonNode list) {
        if (list.isEmpty()) return List.of();
        var limits = new ArrayList<Service.Limit>(list.size());
        for (JsonNode limit : list)
            limits.add(new Service.Limit(
                    limit.path(0).asText(), Math.max(1, limit.path(1).asInt())));
        return List.copyOf(limits);
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new NumberFormatException(e.getOriginalMessage());
        }
    }
}
