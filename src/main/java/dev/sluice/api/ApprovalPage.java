package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Problem;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A question as a page that a person answers on. No script: the answer is a form, and who has the link may send it. All
 * texts come from workflows and people, so each is escaped.
 */
final class ApprovalPage {
    private ApprovalPage() {}

    static String of(Views.Question q) {
        var body = new StringBuilder();
        body.append("<h1>").append(escape(title(q))).append("</h1>\n");
        body.append("<p class=\"muted\">")
                .append(escape(q.workflow()))
                .append(" · <a href=\"../../#/runs/")
                .append(escape(q.run()))
                .append("\">")
                .append(escape(q.run()))
                .append("</a></p>\n");
        if (q.request() != null) body.append(request(q.request()));
        if (q.deadline() != null) {
            body.append("<p>To be answered until <time datetime=\"")
                    .append(q.deadline())
                    .append("\">")
                    .append(TIME.format(q.deadline()))
                    .append("</time>.</p>\n");
        }
        body.append(q.status().equals(Questions.OPEN) ? FORM : "<p role=\"status\">" + escape(state(q)) + "</p>\n");
        return page(title(q), body.toString());
    }

    static String of(Problem problem) {
        return page(
                problem.title(),
                "<h1>" + escape(problem.title()) + "</h1>\n<p role=\"status\">"
                        + escape(problem.code() + " " + problem.detail()) + "</p>\n");
    }

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final String FORM = """
            <form method="post">
              <label>Your name <input name="by" autocomplete="name" maxlength="200"></label>
              <label>Comment <textarea name="comment" rows="4" maxlength="10000"></textarea></label>
              <div class="answers">
                <button name="approved" value="true">Approve</button>
                <button name="approved" value="false" class="no">Reject</button>
              </div>
            </form>
            """;

    /** The DSL says nothing of what is asked; a {@code title} or a mere text is shown as the question. */
    private static String title(Views.Question q) {
        JsonNode request = q.request();
        if (request == null) return "A question";
        if (request.isTextual()) return request.textValue();
        return request.path("title").isTextual() ? request.get("title").textValue() : "Your approval is asked for";
    }

    private static String state(Views.Question q) {
        JsonNode answer = q.answer();
        return switch (q.status()) {
            case Questions.ANSWERED -> {
                JsonNode approved = answer == null ? null : answer.get("approved");
                String what = approved == null ? "Answered" : approved.asBoolean() ? "Approved" : "Rejected";
                yield what + Questions.by(answer) + ".";
            }
            case Questions.LATE -> "It is too late to answer: the run has gone on without it.";
            default -> "This is not asked any more: the run has ended or went another way.";
        };
    }

    private static String request(JsonNode request) {
        if (request.isTextual()) return "";
        if (!request.isObject()) return "<pre>" + escape(request.toPrettyString()) + "</pre>\n";
        var list = new StringBuilder("<dl>\n");
        request.properties().forEach(member -> {
            if (member.getKey().equals("title") && member.getValue().isTextual()) return;
            list.append("<dt>").append(escape(member.getKey())).append("</dt><dd>");
            JsonNode value = member.getValue();
            if (value.isValueNode()) list.append(escape(value.asText()));
            else list.append("<pre>").append(escape(value.toPrettyString())).append("</pre>");
            list.append("</dd>\n");
        });
        return list.append("</dl>\n").toString();
    }

    private static String page(String title, String body) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                  <meta charset="utf-8">
                  <meta name="viewport" content="width=device-width, initial-scale=1">
                  <meta name="color-scheme" content="light dark">
                  <meta name="robots" content="noindex">
                  <title>%s · Sluice</title>
                  <link rel="icon" href="../../ui/logo.svg" type="image/svg+xml">
                  <link rel="stylesheet" href="../../ui/approval.css">
                </head>
                <body>
                <main>
                %s</main>
                </body>
                </html>
                """.formatted(escape(title), body);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
