package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.Admission;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Starts as many runs as a request has lines ({@code application/x-ndjson}), and answers each line while others are
 * still to come. It is taken from the connection itself, because everywhere else a request has been read as a whole.
 *
 * <p>A line is {@code {"input", "key", "tenant", "priority", "delay", "startAt"}}, each of which may be left out. Its
 * answer is {@code {"line", "outcome", "id"}} with the outcome {@code accepted} or {@code repeated}, or {@code {"line",
 * "outcome": "refused", "problem"}}. Lines of white space have none.
 */
@ApplicationScoped
public class Batch {
    private static final Logger LOG = Logger.getLogger(Batch.class);

    private static final String MEDIA_TYPE = "application/x-ndjson";
    private static final Pattern PATH = Pattern.compile("/v1/workflows/([^/]{1,200})/runs");

    /** 1 MiB: a larger input is started by itself, or uploaded. */
    static final int LINE_BYTES_MAX = 1 << 20;

    /** 256 lines go to Redis in two steps; what a client that goes away does not learn of is no more than these. */
    private static final int CHUNK = 256;

    private static final Set<String> MEMBERS = Set.of("input", "key", "tenant", "priority", "delay", "startAt");

    private final Starts starts;
    private final Admission admission;
    private final ExecutorService threads;

    Batch(Starts starts, Admission admission, @VirtualThreads ExecutorService threads) {
        this.starts = starts;
        this.admission = admission;
        this.threads = threads;
    }

    /** What holds for all lines of a request. */
    private record Order(Definition workflow, Optional<String> key, StartTerms terms) {}

    public static boolean isBatch(HttpServerRequest request) {
        String type = request.getHeader("content-type");
        return type != null
                && request.method() == HttpMethod.POST
                && type.toLowerCase(Locale.ROOT).startsWith(MEDIA_TYPE)
                && PATH.matcher(request.path()).matches();
    }

    /** Takes the request over. To be called before anything was read of it. */
    public void take(HttpServerRequest request) {
        request.pause();
        var exchange = new LineExchange(request, LINE_BYTES_MAX);
        threads.execute(() -> {
            Optional<Order> order = begin(request);
            if (order.isEmpty()) return;
            try {
                answer(order.get(), exchange);
            } catch (RuntimeException | Error e) {
                LOG.errorf(
                        e,
                        "the batch for workflow %s ends early",
                        order.get().workflow().name());
            } finally {
                exchange.end();
            }
        });
    }

    /** @return empty when the request as a whole was refused */
    private Optional<Order> begin(HttpServerRequest request) {
        try {
            Order order = order(request);
            if (request.getHeader("expect") != null) request.response().writeContinue();
            request.response().setChunked(true).putHeader("content-type", MEDIA_TYPE);
            request.resume();
            return Optional.of(order);
        } catch (ProblemException e) {
            refuse(request, e.problem());
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s failed by a defect", request.path());
            refuse(request, Problem.of(Code.SL9001, "the request failed by a defect; see the server's log"));
        }
        return Optional.empty();
    }

    private Order order(HttpServerRequest request) {
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) throw new IllegalStateException("not a batch: " + request.path());
        Optional<String> key = Optional.ofNullable(request.getHeader("idempotency-key"));
        key.ifPresent(Starts::checkKey);
        var terms = new StartTerms(
                request.getParam("tenant", ""),
                request.getParam("priority", ""),
                request.getParam("delay", ""),
                request.getParam("startAt", ""));
        Definition workflow = starts.workflow(path.group(1));
        starts.request(workflow, JsonNodeFactory.instance.objectNode(), Optional.empty(), terms);
        return new Order(workflow, key, terms);
    }

    /** What still comes is dropped: a connection that is closed on unread lines may take the answer with it. */
    private static void refuse(HttpServerRequest request, Problem problem) {
        request.handler(piece -> {}).resume();
        if (problem.retryAfter().isPositive()) {
            request.response()
                    .putHeader(
                            "retry-after", String.valueOf(problem.retryAfter().toSeconds()));
        }
        request.response()
                .setStatusCode(problem.status())
                .putHeader("content-type", Problems.MEDIA_TYPE)
                .putHeader("connection", "close")
                .end(problem.toJson().toString());
    }

    private void answer(Order order, LineExchange exchange) {
        List<Lines.Line> lines;
        do {
            lines = exchange.next(CHUNK);
            Buffer answers = start(order, lines);
            if (answers.length() > 0 && !exchange.write(answers)) return;
        } while (!lines.isEmpty());
    }

    private Buffer start(Order order, List<Lines.Line> lines) {
        var requests = new ArrayList<Admission.Request>(lines.size());
        Map<Long, Problem> refused = new HashMap<>();
        for (Lines.Line line : lines) {
            try {
                if (!isBlank(line)) requests.add(read(order, line));
            } catch (ProblemException e) {
                refused.put(line.number(), e.problem());
            }
        }
        return answers(lines, refused, requests.isEmpty() ? List.of() : startAll(requests));
    }

    private static Buffer answers(List<Lines.Line> lines, Map<Long, Problem> refused, List<Admission.Answer> started) {
        var answers = started.iterator();
        Buffer out = Buffer.buffer(lines.size() * 96);
        for (Lines.Line line : lines) {
            if (isBlank(line)) continue;
            Problem problem = refused.get(line.number());
            ObjectNode json = problem == null ? json(line, answers.next()) : problem(line, "refused", problem);
            out.appendString(json.toString()).appendByte((byte) '\n');
        }
        return out;
    }

    /** Where Redis did not answer, nobody knows which of them it has: this is said of each. */
    private List<Admission.Answer> startAll(List<Admission.Request> requests) {
        try {
            return admission.startAll(requests);
        } catch (ProblemException e) {
            var unknown = new Admission.Answer("", null, Optional.of(e.problem()));
            return requests.stream().map(request -> unknown).toList();
        }
    }

    private static boolean isBlank(Lines.Line line) {
        if (line.text() == null) return false;
        for (byte b : line.text()) if (b != ' ' && b != '\t' && b != '\r') return false;
        return true;
    }

    private Admission.Request read(Order order, Lines.Line line) {
        if (line.text() == null) {
            throw Problem.of(
                            Code.SL2006,
                            "the line has " + line.length() + " bytes; it may have " + LINE_BYTES_MAX
                                    + " (1 MiB). Start this run by a request of its own, or upload its content.")
                    .asException();
        }
        JsonNode json = Body.json(line.text());
        if (!json.isObject()) throw RunsResource.invalid("a line is an object with 'input', was " + json.getNodeType());
        json.fieldNames().forEachRemaining(name -> {
            if (MEMBERS.contains(name)) return;
            throw RunsResource.invalid("'" + name + "' is not known in a line; there are " + MEMBERS
                    + ". The run's own input goes under 'input'.");
        });
        var terms = new StartTerms(
                text(json, "tenant"), text(json, "priority"), text(json, "delay"), text(json, "startAt"));
        JsonNode input = json.has("input") ? json.get("input") : JsonNodeFactory.instance.objectNode();
        return starts.request(order.workflow(), input, key(order, line, json), terms.or(order.terms()));
    }

    private static Optional<String> key(Order order, Lines.Line line, JsonNode json) {
        return json.has("key") ? Optional.of(text(json, "key")) : order.key().map(key -> key + "#" + line.number());
    }

    private static String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isTextual()) return value.asText();
        throw RunsResource.invalid("'" + name + "' must be a text, was " + value);
    }

    private static ObjectNode json(Lines.Line line, Admission.Answer answer) {
        if (answer.problem().isPresent()) {
            String outcome = answer.acceptance() == null ? "unknown" : "refused";
            return problem(line, outcome, answer.problem().get());
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("line", line.number())
                .put("outcome", answer.acceptance() == Acceptance.REPEATED ? "repeated" : "accepted")
                .put("id", answer.id());
    }

    private static ObjectNode problem(Lines.Line line, String outcome, Problem problem) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("line", line.number()).put("outcome", outcome).set("problem", problem.toJson());
        return json;
    }
}
