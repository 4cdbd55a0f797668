package dev.sluice.api;

import dev.sluice.inference.Ledger;
import dev.sluice.store.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** What a run has asked models, line by line as the ledger has it. */
@Path("/v1/runs/{id}/calls")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class CallsResource {
    private final Runs runs;
    private final Ledger ledger;

    CallsResource(Runs runs, Ledger ledger) {
        this.runs = runs;
        this.ledger = ledger;
    }

    /**
     * In the order in which they came to their end.
     *
     * @param from number of the first line, from 0
     * @param limit 1 to 1,000
     */
    @GET
    public CallViews.CallPage calls(
            @PathParam("id") String id,
            @QueryParam("from") @DefaultValue("0") String from,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        runs.head(id).orElseThrow(() -> RunsResource.unknown(id));
        int first = RunsResource.number("from", from, 0, Integer.MAX_VALUE - Ledger.LINES_MAX);
        int most = RunsResource.number("limit", limit, 1, Ledger.LINES_MAX);
        List<CallViews.Call> calls =
                ledger.lines(id, first, most).stream().map(CallViews.Call::of).toList();
        int next = first + calls.size();
        boolean more = calls.size() == most && !ledger.lines(id, next, 1).isEmpty();
        return new CallViews.CallPage(calls, first, more ? (long) next : null);
    }
}
