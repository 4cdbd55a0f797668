package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What became of one file.
 *
 * @param name the file's name
 * @param id of its run; empty when there is none, because the file was refused or not read
 * @param status of the run, or {@code refused}, {@code unreadable}, {@code unknown}
 * @param run the run as the server shows it, null when there is none
 * @param reason why it did not succeed, in one line; empty when it did or is not finished
 */
record DocumentResult(String name, String id, String status, JsonNode run, String reason) {

    static DocumentResult unreadable(String name, String reason) {
        return new DocumentResult(name, "", "unreadable", null, reason);
    }

    static DocumentResult refused(String name, JsonNode problem) {
        return new DocumentResult(name, "", "refused", null, line(problem));
    }

    static DocumentResult accepted(String name, String id) {
        return new DocumentResult(name, id, "queued", null, "");
    }

    /** The same document as {@code GET /v1/runs/{id}} shows it now. */
    DocumentResult seen(JsonNode now) {
        JsonNode error = now.path("error");
        return new DocumentResult(
                name, id, now.path("status").asText("unknown"), now, error.isObject() ? line(error) : "");
    }

    DocumentResult lost(String why) {
        return new DocumentResult(name, id, "unknown", run, why);
    }

    boolean succeeded() {
        return status.equals("succeeded");
    }

    /** True when nothing more will change. */
    boolean ended() {
        return switch (status) {
            case "succeeded", "failed", "cancelled", "refused", "unreadable", "unknown" -> true;
            default -> false;
        };
    }

    String output(String member) {
        return run == null ? "" : run.path("output").path(member).asText("");
    }

    long usage(String member) {
        return run == null ? 0 : run.path("usage").path(member).asLong(0);
    }

    /** Members {@code name id status run reason}; {@code run} is what the server shows. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("status", status);
        if (!id.isEmpty()) json.put("id", id);
        if (run != null) json.set("run", run);
        if (!reason.isEmpty()) json.put("reason", reason);
        return json;
    }

    /** Code, title and detail of a problem (RFC 9457) as one line. */
    static String line(JsonNode problem) {
        String code = problem.path("code").asText("");
        String title = problem.path("title").asText("");
        String detail = problem.path("detail").asText("");
        String head = (code + " " + title).strip();
        if (head.isEmpty()) return detail;
        return detail.isEmpty() ? head : head + ": " + detail;
    }
}
