package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.ApprovalLinks;
import dev.sluice.store.ApprovalLinks.Question;
import dev.sluice.store.Approvals;
import dev.sluice.store.RunHead;
import dev.sluice.store.Runs;
import dev.sluice.workflow.Approval;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** What persons are asked, and their answers: one for each question. */
@ApplicationScoped
class Questions {
    static final String OPEN = "open";
    static final String ANSWERED = "answered";
    static final String LATE = "late";
    static final String GONE = "gone";

    /** 90 days: so long a link tells who has answered. After that the run, which waits no more, refuses it as well. */
    private static final Duration REMEMBERED = Duration.ofDays(90);

    /** 200 characters of a name: it is shown in one line. */
    private static final int NAME_CHARACTERS_MAX = 200;

    private final Approvals approvals;
    private final ApprovalLinks links;
    private final Runs runs;
    private final PastQuestions past;
    private final Clock clock;

    Questions(Approvals approvals, ApprovalLinks links, Runs runs, Clock clock) {
        this.approvals = approvals;
        this.links = links;
        this.runs = runs;
        this.past = new PastQuestions(runs);
        this.clock = clock;
    }

    /** @throws IllegalArgumentException when {@code cursor} is not one */
    Views.QuestionPage page(Optional<String> cursor, int limit) {
        Approvals.Page page = approvals.page(cursor, limit);
        var open = page.approvals().stream()
                .map(o -> view(o.approval(), OPEN, o.askedAt(), null))
                .toList();
        return new Views.QuestionPage(open, page.next().orElse(null));
    }

    /** @throws ProblemException SL2022 */
    Views.Question show(String token) {
        return show(question(token));
    }

    private Views.Question show(Question q) {
        RunHead head = runs.head(q.run()).orElseThrow(Questions::notValid);
        Optional<Approval> open = approvals.find(q.run(), q.step());
        Optional<JsonNode> given = runs.noted(q.run(), name(q)).map(Questions::json);
        if (open.isPresent()) {
            boolean late = open.get()
                    .deadline()
                    .filter(at -> !clock.instant().isBefore(at))
                    .isPresent();
            String status = given.isPresent() ? ANSWERED : late ? LATE : OPEN;
            return view(open.get(), status, null, given.orElse(null));
        }
        PastQuestions.Past was = past.find(q);
        Approval asked = was.asked()
                .orElseGet(() -> new Approval(q.run(), head.workflow(), q.step(), "", Optional.empty(), null));
        JsonNode answer = given.or(was::answer).orElse(null);
        boolean late =
                asked.deadline().filter(at -> !clock.instant().isBefore(at)).isPresent();
        return view(asked, answer != null ? ANSWERED : late ? LATE : GONE, null, answer);
    }

    /**
     * Answers once.
     *
     * @param body {@code approved}, and whatever else the run is to get
     * @throws ProblemException SL2014, SL2022, SL2023, SL2024
     */
    Views.Question answer(String token, ObjectNode body) {
        Question q = question(token);
        if (!body.path("approved").isBoolean()) {
            throw RunsResource.invalid("'approved' must be true or false, as {\"approved\": true, \"by\": \"Ada\"}");
        }
        Views.Question now = show(q);
        if (!now.status().equals(OPEN)) throw refused(now);
        Approval asked = approvals.find(q.run(), q.step()).orElseThrow(() -> refused(show(q)));
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        ObjectNode note = JsonNodeFactory.instance.objectNode();
        note.put("approved", body.get("approved").booleanValue())
                .put("by", shortened(body.path("by").asText()))
                .put("at", at.toString());
        var arrived = new Event.EventArrived(Value.of(event(asked, body, at)), true, q.step(), at);
        Runs.Posting posting = runs.post(q.run(), arrived, new Runs.Once(name(q), REMEMBERED, note.toString()));
        if (posting != Runs.Posting.POSTED) throw refused(show(q));
        return view(asked, ANSWERED, null, note);
    }

    private static ObjectNode event(Approval asked, ObjectNode body, Instant at) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("specversion", "1.0")
                .put("id", asked.run() + ":" + asked.step() + ":answer")
                .put("source", "/v1/approvals")
                .put("type", asked.answerType())
                .put("time", at.toString())
                .put("datacontenttype", "application/json");
        return event.set("data", body);
    }

    private ProblemException refused(Views.Question q) {
        String of = "the question of run " + q.run();
        return switch (q.status()) {
            case ANSWERED ->
                Problem.of(Code.SL2023, of + " was answered" + by(q.answer())).asException();
            case LATE ->
                Problem.of(Code.SL2024, of + " could be answered until " + q.deadline())
                        .asException();
            default -> {
                String standing = runs.head(q.run()).map(Action::standing).orElse("it is gone");
                yield Problem.of(Code.SL2023, of + " is not open any more: " + standing)
                        .asException();
            }
        };
    }

    /** By whom and when, as far as it is known. */
    static String by(JsonNode answer) {
        if (answer == null) return "";
        String by = answer.path("by").asText();
        String at = answer.path("at").asText();
        return (by.isEmpty() ? "" : " by " + by) + (at.isEmpty() ? "" : " at " + at);
    }

    private Views.Question view(Approval a, String status, Instant askedAt, JsonNode answer) {
        return new Views.Question(
                a.run(),
                a.workflow(),
                a.step(),
                status,
                a.request(),
                askedAt,
                a.deadline().orElse(null),
                links.link(a.run(), a.step()),
                answer);
    }

    private Question question(String token) {
        return links.open(token).orElseThrow(Questions::notValid);
    }

    private static ProblemException notValid() {
        return Problem.of(
                        Code.SL2022,
                        "this link asks nothing here: it is not whole, or its run is not kept any more."
                                + " GET /v1/approvals lists the open questions.")
                .asException();
    }

    private static String name(Question q) {
        return "approval\n" + q.step();
    }

    private static JsonNode json(String note) {
        return Body.json(note.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String shortened(String name) {
        return name.length() <= NAME_CHARACTERS_MAX ? name : name.substring(0, NAME_CHARACTERS_MAX) + "…";
    }
}
