package dev.sluice.api;

import dev.sluice.inference.Ledger;
import dev.sluice.queue.Lines;
import dev.sluice.queue.RunId;
import dev.sluice.store.Definitions;
import dev.sluice.store.RunHead;
import dev.sluice.store.RunIndex;
import dev.sluice.store.Runs;
import dev.sluice.store.Starter;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What runs there are, and all about one. */
@Path("/v1/runs")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class RunsResource {
    /** 200: one screen with room to scroll; more comes by cursor. */
    static final int LIMIT_MAX = 200;

    /** 1,000 entries of a history: some hundred KB, but for their data. */
    private static final int ENTRIES_MAX = 1_000;

    /** 4,000 entries from the end: more than 500 visits make, unless they were tried often. */
    private static final int ENTRIES_TOLD = 4_000;

    private final RunIndex index;
    private final Listing listing;
    private final Runs runs;
    private final Definitions definitions;
    private final Starter starter;
    private final Lines lines;
    private final Ledger ledger;

    RunsResource(
            RunIndex index,
            Listing listing,
            Runs runs,
            Definitions definitions,
            Starter starter,
            Lines lines,
            Ledger ledger) {
        this.index = index;
        this.listing = listing;
        this.runs = runs;
        this.definitions = definitions;
        this.starter = starter;
        this.lines = lines;
        this.ledger = ledger;
    }

    /**
     * The latest accepted first. A parameter that is there must not be empty.
     *
     * @param workflow a name, alone or as {@code namespace.name}
     * @param status words, separated by commas; without it all
     * @param text part of the title or the id, in any case
     * @param attributes search attributes, each {@code name:value}; all must be as they say
     * @param parent id of the run that started them
     * @param origin id of the run that they were forked from
     * @param tenant on whose behalf they run
     * @param priority {@code high}, {@code normal} or {@code low}
     * @param limit 1 to 200
     */
    @GET
    public Views.RunPage list(
            @Context UriInfo uri,
            @QueryParam("workflow") @DefaultValue("") String workflow,
            @QueryParam("namespace") @DefaultValue("") String namespace,
            @QueryParam("status") @DefaultValue("") String status,
            @QueryParam("q") @DefaultValue("") String text,
            @QueryParam("attribute") List<String> attributes,
            @QueryParam("parent") @DefaultValue("") String parent,
            @QueryParam("origin") @DefaultValue("") String origin,
            @QueryParam("tenant") @DefaultValue("") String tenant,
            @QueryParam("priority") @DefaultValue("") String priority,
            @QueryParam("limit") @DefaultValue("50") String limit,
            @QueryParam("cursor") Optional<String> cursor) {
        RunQuery.refuseEmpty(uri.getQueryParameters());
        RunQuery query = RunQuery.of(workflow, namespace, status, text, attributes, parent, origin, tenant, priority);
        Listing.Found found = listing.find(query, cursor, limit(limit));
        return new Views.RunPage(
                found.runs().stream().map(Views.RunSummary::of).toList(),
                found.next().orElse(null),
                Views.RunPage.words(index.counts()));
    }

    /** The run with the last 500 visits of its steps, and all that are under way. */
    @GET
    @Path("/{id}")
    public Views.Run get(@PathParam("id") String id) {
        Run run = runs.find(id).orElseThrow(() -> unknown(id));
        Runs.Size size = runs.size(id);
        int from = (int) Math.max(0, size.entries() - ENTRIES_TOLD);
        var steps = new StepViews(
                definitions.revision(run.workflow(), run.revision()), run, runs.history(id, from, ENTRIES_TOLD));
        var places = runs.places(RunId.partition(id).orElseThrow(), steps.open());
        var inFlight = runs.inFlight(places);
        places.keySet().removeAll(inFlight.keySet());
        var limited = lines.of(places, run.identity().service().limits());
        return Views.Run.of(
                RunHead.of(run),
                run.input().tree(),
                run.state() instanceof RunState.Succeeded done ? done.output().tree() : null,
                runs.cause(id).orElse(null),
                RunCalls.read(ledger, id, steps.views(inFlight, limited, starter)),
                Math.max(0, size.visits() - steps.size()));
    }

    /**
     * What happened in the run, in order.
     *
     * @param from index of the first entry, from 0
     * @param limit 1 to 1,000
     */
    @GET
    @Path("/{id}/history")
    public Views.HistoryPage history(
            @PathParam("id") String id,
            @QueryParam("from") @DefaultValue("0") String from,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        runs.head(id).orElseThrow(() -> unknown(id));
        int first = number("from", from, 0, Integer.MAX_VALUE - ENTRIES_MAX);
        int most = number("limit", limit, 1, ENTRIES_MAX);
        long total = runs.size(id).entries();
        var lines = new ArrayList<Views.HistoryLine>();
        for (HistoryEntry e : runs.history(id, first, most)) {
            lines.add(new Views.HistoryLine(
                    (long) first + lines.size(),
                    e.at(),
                    e.kind().name(),
                    e.step(),
                    e.attempt(),
                    e.startedAt(),
                    e.usage(),
                    e.data().tree()));
        }
        long next = (long) first + lines.size();
        return new Views.HistoryPage(lines, first, total, next < total ? next : null);
    }

    static ProblemException unknown(String id) {
        return Problem.of(Code.SL2002, "there is no run '" + id + "'. GET /v1/runs lists those there are.")
                .asException();
    }

    static ProblemException invalid(String reason) {
        return Problem.of(Code.SL2014, reason).asException();
    }

    /** A text and not an int, for which a typing error would be an address that does not exist. */
    static int limit(String text) {
        return number("limit", text, 1, LIMIT_MAX);
    }

    static int number(String name, String text, int least, int most) {
        int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
        if (number >= least && number <= most) return number;
        throw invalid(name + " must be " + least + " to " + most + ", was '" + text + "'");
    }

    static Set<RunStatus> statuses(String words) {
        if (words.isBlank()) return EnumSet.allOf(RunStatus.class);
        var statuses = EnumSet.noneOf(RunStatus.class);
        for (String word : words.split(",", -1)) {
            try {
                statuses.add(RunStatus.of(word.strip()));
            } catch (IllegalArgumentException e) {
                var known =
                        Arrays.stream(RunStatus.values()).map(RunStatus::word).toList();
                throw invalid("'" + word + "' is not a status; there are " + String.join(", ", known));
            }
        }
        return statuses;
    }
}
