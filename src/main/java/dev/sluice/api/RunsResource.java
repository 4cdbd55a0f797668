package dev.sluice.api;

import dev.sluice.queue.RunId;
import dev.sluice.store.Definitions;
import dev.sluice.store.RunHead;
import dev.sluice.store.RunIndex;
import dev.sluice.store.Runs;
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
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What runs there are, and all about one. */
@Path("/v1/runs")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class RunsResource {
    /** 200: one screen with room to scroll; more comes by cursor. */
    static final int LIMIT_MAX = 200;

    /** 2,000 runs are looked at for one filtered page; the cursor goes on from there. */
    private static final int SCANNED_MAX = 2_000;

    /** 200 at a time, whatever the limit: a filter that few runs pass must not ask Redis for each. */
    private static final int SCAN = 200;

    /** 10,000 entries: about 3,000 steps. What a longer run did before that is shown; paging comes with longer runs. */
    private static final int HISTORY_MAX = 10_000;

    private final RunIndex index;
    private final Runs runs;
    private final Definitions definitions;

    RunsResource(RunIndex index, Runs runs, Definitions definitions) {
        this.index = index;
        this.runs = runs;
        this.definitions = definitions;
    }

    /**
     * The latest accepted first.
     *
     * @param status words, separated by commas; empty for all
     * @param text part of the title or the id, in any case
     * @param limit 1 to 200
     */
    @GET
    public Views.RunPage list(
            @QueryParam("workflow") String workflow,
            @QueryParam("status") @DefaultValue("") String status,
            @QueryParam("q") @DefaultValue("") String text,
            @QueryParam("limit") @DefaultValue("50") String limit,
            @QueryParam("cursor") Optional<String> cursor) {
        int most = limit(limit);
        Predicate<RunHead> wanted = wanted(workflow, text.toLowerCase(Locale.ROOT));
        var shown = new ArrayList<Views.RunSummary>();
        Optional<String> next = cursor;
        int looked = 0;
        do {
            var page = page(statuses(status), next, SCAN);
            next = page.next();
            for (RunHead head : page.runs()) {
                looked++;
                if (!wanted.test(head)) continue;
                shown.add(Views.RunSummary.of(head));
                if (shown.size() < most) continue;
                boolean isLast = next.isEmpty() && head == page.runs().getLast();
                next = isLast ? Optional.empty() : Optional.of(RunIndex.cursorAfter(head));
                break;
            }
        } while (shown.size() < most && next.isPresent() && looked < SCANNED_MAX);
        return new Views.RunPage(shown, next.orElse(null), Views.RunPage.words(index.counts()));
    }

    private static Predicate<RunHead> wanted(String workflow, String part) {
        return head -> (workflow == null || workflow.equals(head.workflow()))
                && (head.title().toLowerCase(Locale.ROOT).contains(part)
                        || head.id().contains(part));
    }

    private RunIndex.Page page(Set<RunStatus> statuses, Optional<String> cursor, int limit) {
        try {
            return index.page(statuses, cursor, limit);
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    @GET
    @Path("/{id}")
    public Views.Run get(@PathParam("id") String id) {
        Run run = runs.find(id).orElseThrow(() -> unknown(id));
        var definition = definitions.revision(run.workflow(), run.revision());
        List<HistoryEntry> history = runs.history(id, 0, HISTORY_MAX);
        var partition = RunId.partition(id).orElseThrow();
        var inFlight = run.status().isFinal()
                ? Map.<String, Instant>of()
                : runs.inFlight(partition, StepViews.open(id, history));
        return Views.Run.of(
                RunHead.of(run),
                run.input().tree(),
                run.state() instanceof RunState.Succeeded done ? done.output().tree() : null,
                runs.cause(id).orElse(null),
                StepViews.of(definition, id, history, inFlight));
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
        int limit = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > LIMIT_MAX) throw invalid("limit must be 1 to " + LIMIT_MAX + ", was '" + text + "'");
        return limit;
    }

    static Set<RunStatus> statuses(String words) {
        if (words.isBlank()) return EnumSet.allOf(RunStatus.class);
        var statuses = EnumSet.noneOf(RunStatus.class);
        for (String word : words.split(",")) {
            try {
                statuses.add(RunStatus.of(word.strip()));
            } catch (IllegalArgumentException e) {
                var known = java.util.Arrays.stream(RunStatus.values())
                        .map(RunStatus::word)
                        .toList();
                throw invalid("'" + word + "' is not a status; there are " + String.join(", ", known));
            }
        }
        return statuses;
    }
}
