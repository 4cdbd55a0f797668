package dev.sluice.api;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ApprovalPageTest {
    private static String page(String status, JsonNode request, JsonNode answer) {
        return ApprovalPage.of(new Views.Question(
                "r",
                "w",
                "/do/0/x",
                status,
                request,
                null,
                Instant.parse("2026-01-01T00:00:00Z"),
                "http://l/",
                answer));
    }

    @Test
    void anOpenQuestionHasAFormWithTwoAnswers() {
        String page = page("open", json("{title: 'Pay?', sum: 9, to: {name: 'Ada'}}"), null);
        assertThat(page)
                .contains("<h1>Pay?</h1>", "<dt>sum</dt><dd>9</dd>", "<form method=\"post\">")
                .contains("name=\"approved\" value=\"true\"", "name=\"approved\" value=\"false\"")
                .contains("2026-01-01T00:00:00Z")
                .doesNotContain("<script", "style=");
    }

    @Test
    void anAnsweredQuestionTellsByWhomAndHasNoForm() {
        String answer = "{approved: false, by: 'Bo', at: '2026-01-01T00:00:01Z'}";
        assertThat(page("answered", TextNode.valueOf("Pay?"), json(answer)))
                .contains("Rejected by Bo at 2026-01-01T00:00:01Z.")
                .doesNotContain("<form");
        assertThat(page("answered", null, null)).contains("Answered.");
        assertThat(page("late", null, null)).contains("too late").doesNotContain("<form");
        assertThat(page("gone", null, null)).contains("not asked any more").doesNotContain("<form");
    }

    @Test
    void whatPeopleAndWorkflowsWriteIsTextAndNoMarkup() {
        String evil = "<img src=x onerror='alert(1)'>\"&";
        JsonNode request = json("{}");
        ((com.fasterxml.jackson.databind.node.ObjectNode) request)
                .put("title", evil)
                .put(evil, evil)
                .putArray("list")
                .add(evil);
        JsonNode answer = json("{approved: true}");
        ((com.fasterxml.jackson.databind.node.ObjectNode) answer).put("by", evil);
        assertThat(page("open", request, null)).doesNotContain("<img");
        assertThat(page("answered", TextNode.valueOf(evil), answer)).doesNotContain("<img");
        assertThat(ApprovalPage.of(Problem.of(Code.SL2022, evil)))
                .doesNotContain("<img")
                .contains("SL2022");
    }
}
