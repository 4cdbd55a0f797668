package dev.sluice.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Where the API begins: what there is to ask for. */
@Path("/v1")
public class IndexResource {
    private static final List<String> ADDRESSES = List.of(
            "GET /v1/workflows",
            "POST /v1/workflows",
            "POST /v1/workflows/validate",
            "GET /v1/workflows/{name}?revision=",
            "GET /v1/workflows/{name}/revisions",
            "POST /v1/workflows/{name}/runs?tenant=&priority=&delay=&startAt=",
            "POST /v1/events",
            "GET /v1/runs?workflow=&namespace=&status=&q=&attribute=&parent=&origin=&tenant=&priority=&limit=&cursor=",
            "GET /v1/runs/{id}",
            "GET /v1/runs/{id}/history?from=&limit=",
            "GET /v1/runs/{id}/calls?from=&limit=",
            "POST /v1/runs/{id}/cancel",
            "POST /v1/runs/{id}/kill",
            "POST /v1/runs/{id}/pause",
            "POST /v1/runs/{id}/resume",
            "POST /v1/runs/{id}/retry",
            "POST /v1/runs/{id}/move",
            "POST /v1/runs/{id}/reset",
            "POST /v1/runs/{id}/fork",
            "POST /v1/runs/{id}/repair",
            "POST /v1/runs/{id}/signals",
            "POST /v1/runs/bulk",
            "GET /v1/approvals?limit=&cursor=",
            "GET /v1/approvals/{token}",
            "POST /v1/approvals/{token}",
            "POST /v1/steps/{token}",
            "POST /v1/steps/{token}/heartbeat",
            "GET /v1/schedules",
            "POST /v1/schedules/{workflow}/pause",
            "POST /v1/schedules/{workflow}/resume",
            "POST /v1/schedules/{workflow}/trigger",
            "GET /v1/dead-letters?kind=&workflow=&function=&code=&tenant=&from=&until=&limit=&cursor=",
            "GET /v1/dead-letters/counts",
            "GET /v1/dead-letters/{id}",
            "POST /v1/dead-letters/{id}/redrive",
            "POST /v1/dead-letters/{id}/drop",
            "POST /v1/dead-letters/redrive",
            "POST /v1/dead-letters/drop",
            "GET /v1/dead-letters/clearings",
            "GET /v1/dead-letters/clearings/{id}",
            "POST /v1/dead-letters/clearings/{id}/stop",
            "GET /v1/invariant",
            "GET /v1/results?workflow=&limit=&cursor=",
            "GET /v1/results.jsonl?workflow=",
            "GET /v1/costs?day=&from=&to=&by=",
            "GET /v1/payloads/{ref}",
            "GET /v1/errors/{code}",
            "GET /v1/feed");

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Views.Index index() {
        return new Views.Index(ADDRESSES);
    }
}
