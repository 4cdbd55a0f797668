package dev.sluice.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.store.RunHead;
import dev.sluice.store.RunIndex;
import dev.sluice.store.Runs;
import dev.sluice.workflow.RunStatus;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.EnumSet;
import java.util.Optional;

/** Outputs of the runs that succeeded, the latest accepted first: a page at a time, or all as JSON lines. */
@Path("/v1")
@RunOnVirtualThread
public class ResultsResource {
    private static final EnumSet<RunStatus> SUCCEEDED = EnumSet.of(RunStatus.SUCCEEDED);

    /** 100: outputs are small or references, and a page of them stays in memory only for a moment. */
    private static final int PAGE = 100;

    private final RunIndex index;
    private final Runs runs;
    private final ObjectMapper json;

    ResultsResource(RunIndex index, Runs runs, ObjectMapper json) {
        this.index = index;
        this.runs = runs;
        this.json = json;
    }

    @GET
    @Path("/results")
    @Produces(MediaType.APPLICATION_JSON)
    public Views.ResultPage list(
            @QueryParam("workflow") String workflow,
            @QueryParam("limit") @DefaultValue("50") String limit,
            @QueryParam("cursor") Optional<String> cursor) {
        int wanted = RunsResource.limit(limit);
        try {
            var page = index.page(SUCCEEDED, cursor, wanted);
            return new Views.ResultPage(
                    page.runs().stream()
                            .flatMap(head -> result(head, workflow).stream())
                            .toList(),
                    page.next().orElse(null));
        } catch (IllegalArgumentException e) {
            throw RunsResource.invalid(e.getMessage());
        }
    }

    /** One JSON object a line. */
    @GET
    @Path("/results.jsonl")
    @Produces("application/jsonl")
    public Response download(@QueryParam("workflow") String workflow) {
        StreamingOutput lines = out -> write(workflow, out);
        return Response.ok(lines)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"results.jsonl\"")
                .build();
    }

    private void write(String workflow, OutputStream out) throws IOException {
        Optional<String> cursor = Optional.empty();
        do {
            var page = index.page(SUCCEEDED, cursor, PAGE);
            for (RunHead head : page.runs()) {
                Optional<Views.Result> result = result(head, workflow);
                if (result.isEmpty()) continue;
                out.write(json.writeValueAsBytes(result.get()));
                out.write('\n');
            }
            cursor = page.next();
        } while (cursor.isPresent());
    }

    /** Empty when it belongs to another workflow, or is gone. */
    private Optional<Views.Result> result(RunHead head, String workflow) {
        if (workflow != null && !workflow.equals(head.workflow())) return Optional.empty();
        return runs.output(head.id())
                .map(output -> new Views.Result(
                        head.id(), head.workflow(), head.title(), head.endedAt().orElse(null), output));
    }
}
