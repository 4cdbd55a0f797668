package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.store.Definitions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Takes CloudEvents (1.0; binary and structured mode, HTTP binding) and starts every workflow that subscribes to the
 * type by {@code schedule.on}. The event's {@code source} and {@code id} are the idempotency key: an event that is sent
 * again starts nothing again.
 */
@Path("/v1/events")
@RunOnVirtualThread
public class EventsResource {
    private final Definitions definitions;
    private final Starts starts;

    EventsResource(Definitions definitions, Starts starts) {
        this.definitions = definitions;
        this.starts = starts;
    }

    /**
     * @return 202 and the runs; an event that no workflow takes is refused with SL2008, so that it is not lost in
     *     silence
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Views.Batch> take(@Context HttpHeaders headers, byte[] body) {
        CloudEventIn event = CloudEventIn.read(headers, body);
        List<Definition> takers = definitions.all().stream()
                .filter(d -> d.triggers().contains(event.type()))
                .toList();
        if (takers.isEmpty()) {
            throw Problem.of(
                            Code.SL2008,
                            "no deployed workflow has an event of type '" + event.type() + "' under schedule.on")
                    .asException();
        }
        // The DSL gives a run that events started the array of these events.
        JsonNode input = JsonNodeFactory.instance.arrayNode().add(event.envelope());
        var started = new ArrayList<Views.Started>();
        var refusals = new ArrayList<ProblemException>();
        for (Definition workflow : takers) {
            try {
                started.add(Views.Started.of(starts.startByEvent(workflow, input, event.name()), null));
            } catch (ProblemException e) {
                refusals.add(e);
            }
        }
        if (started.isEmpty()) throw refusals.getFirst();
        var refused = refusals.stream()
                .map(e -> new Views.Refused(null, e.problem().toJson()))
                .toList();
        return RestResponse.ResponseBuilder.<Views.Batch>create(RestResponse.Status.ACCEPTED)
                .entity(new Views.Batch(started, refused))
                .build();
    }
}
