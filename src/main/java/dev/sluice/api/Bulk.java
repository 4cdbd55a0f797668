package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.RunHead;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The same order for many runs. One that is refused does not hold up the others. */
@ApplicationScoped
class Bulk {
    /** 10,000: some ten seconds; whoever means more sends the request again. */
    static final int RUNS_MAX = 10_000;

    private static final Set<String> KNOWN =
            Set.of("action", "ids", "filter", "step", "input", "reason", "revision", "cursor");

    private final Steering steering;
    private final Listing listing;

    Bulk(Steering steering, Listing listing) {
        this.steering = steering;
        this.listing = listing;
    }

    /** @param filter null where {@code ids} are given; @param cursor where the filter goes on */
    record Request(Order order, List<String> ids, RunQuery filter, Optional<String> cursor) {}

    /** @throws ProblemException SL2014 when it does not say what is to be done with which runs */
    static Request read(byte[] body) {
        ObjectNode json = Order.object(body);
        json.fieldNames().forEachRemaining(name -> {
            if (!KNOWN.contains(name)) throw RunsResource.invalid("'" + name + "' is not known; there are " + KNOWN);
        });
        String word = json.path("action").asText();
        Action action = Action.of(word)
                .orElseThrow(() ->
                        RunsResource.invalid("'action' must be one of " + Action.words() + ", was '" + word + "'"));
        if (json.has("ids") == json.has("filter")) {
            throw RunsResource.invalid("send either 'ids' or a 'filter', to say which runs are meant");
        }
        return new Request(
                Order.of(action, json),
                ids(json.path("ids")),
                json.has("filter") ? RunQuery.of(json.get("filter")) : null,
                json.path("cursor").isTextual() ? Optional.of(json.get("cursor").textValue()) : Optional.empty());
    }

    private static List<String> ids(JsonNode array) {
        var ids = new ArrayList<String>();
        array.forEach(id -> ids.add(id.asText()));
        if (ids.size() <= RUNS_MAX) return ids;
        throw RunsResource.invalid("'ids' may have " + RUNS_MAX + " entries, these are " + ids.size());
    }

    /** The first page of the runs that are meant, so that what is wrong with the request is known before the answer. */
    Listing.Found first(Request request) {
        if (request.filter() == null) return new Listing.Found(List.of(), Optional.empty());
        return listing.find(request.filter(), request.cursor(), RunsResource.LIMIT_MAX);
    }

    /** Writes one line for each run; and {@code {"next": cursor}} when there are more than so many. */
    void carryOut(Request request, Listing.Found first, Optional<String> key, OutputStream out) throws IOException {
        for (String id : request.ids()) write(out, outcome(id, request.order(), key));
        Listing.Found page = first;
        int done = 0;
        while (true) {
            for (RunHead run : page.runs()) write(out, outcome(run.id(), request.order(), key));
            done += page.runs().size();
            if (page.next().isEmpty()) return;
            if (done >= RUNS_MAX) {
                write(out, object().put("next", page.next().get()));
                return;
            }
            page = listing.find(request.filter(), page.next(), Math.min(RunsResource.LIMIT_MAX, RUNS_MAX - done));
        }
    }

    private ObjectNode outcome(String id, Order order, Optional<String> key) {
        ObjectNode line = object().put("id", id);
        try {
            String run = steering.carryOut(id, order, key);
            line.put("outcome", "accepted");
            return run.equals(id) ? line : line.put("run", run);
        } catch (ProblemException e) {
            boolean unknown = e.problem().code().equals(Code.SL2002.name());
            line.put("outcome", unknown ? "unknown" : "refused");
            return line.set("problem", e.problem().toJson());
        } catch (RuntimeException e) {
            // The answer is under way: its lines are all that can tell.
            Problem defect = Problem.of(Code.SL9001, "the order failed by a defect: " + e);
            return line.put("outcome", "refused").set("problem", defect.toJson());
        }
    }

    private static void write(OutputStream out, ObjectNode line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
