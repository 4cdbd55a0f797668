package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.ApprovalLinks.Question;
import dev.sluice.store.Runs;
import dev.sluice.workflow.Approval;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.HistoryEntry.Kind;
import java.util.List;
import java.util.Optional;

/** What the history still knows of a question that is not open any more. */
final class PastQuestions {
    private static final int PAGE = 1_000;

    /** 20 pages from the end: 20,000 entries, about 7,000 steps after the question. */
    private static final int PAGES_MAX = 20;

    private final Runs runs;

    PastQuestions(Runs runs) {
        this.runs = runs;
    }

    /** @param answer {@code approved by at}, as far as the event that was taken has them */
    record Past(Optional<Approval> asked, Optional<JsonNode> answer) {}

    Past find(Question q) {
        Optional<JsonNode> answer = Optional.empty();
        long end = runs.size(q.run()).entries();
        for (int page = 0; page < PAGES_MAX && end > 0; page++) {
            int from = (int) Math.max(0, end - PAGE);
            List<HistoryEntry> entries = runs.history(q.run(), from, (int) (end - from));
            for (HistoryEntry entry : entries.reversed()) {
                if (!entry.step().equals(q.step())) continue;
                if (entry.kind() == Kind.EVENT_RECEIVED && answer.isEmpty()) answer = Optional.of(answer(entry));
                if (entry.kind() != Kind.EVENT_EMITTED) continue;
                Optional<Approval> asked = Approval.of(q.run(), entry.data().tree())
                        .filter(a -> a.step().equals(q.step()));
                if (asked.isPresent()) return new Past(asked, answer);
            }
            end = from;
        }
        return new Past(Optional.empty(), answer);
    }

    private static JsonNode answer(HistoryEntry entry) {
        JsonNode data = entry.data().tree().path("data");
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        if (data.path("approved").isBoolean()) answer.set("approved", data.get("approved"));
        if (data.path("by").isTextual()) answer.set("by", data.get("by"));
        return answer.put("at", entry.at().toString());
    }
}
