package dev.sluice.api;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * What a person or a program asks of one run. Unless said otherwise the answer is 202: Redis has the command, and the
 * run takes it in next. The body may be missing where nothing in it is needed. With {@code Idempotency-Key} a command
 * that is sent again does nothing again, within a day.
 */
@Path("/v1/runs")
@RunOnVirtualThread
@Consumes(MediaType.WILDCARD)
@Produces(MediaType.APPLICATION_JSON)
public class SteeringResource {
    private final Steering steering;
    private final Clock clock;

    SteeringResource(Steering steering, Clock clock) {
        this.steering = steering;
        this.clock = clock;
    }

    /**
     * {@code cancel} and {@code kill} take {@code {"reason"}}, {@code move} {@code {"revision"}}, {@code reset}
     * {@code {"step", "input"}}.
     */
    @POST
    @Path("/{id}/{action:cancel|kill|pause|resume|retry|move|reset}")
    public RestResponse<Views.Commanded> command(
            @PathParam("id") String id,
            @PathParam("action") String word,
            @HeaderParam("Idempotency-Key") Optional<String> key,
            byte[] body) {
        Action action = Action.of(word).orElseThrow();
        steering.carryOut(id, Order.read(action, body), key);
        return RestResponse.ResponseBuilder.<Views.Commanded>create(RestResponse.Status.ACCEPTED)
                .entity(new Views.Commanded(id, action.word(), location(id)))
                .build();
    }

    /**
     * A new run that begins before {@code step}, with {@code input} in place of what the step had; without {@code step}
     * it begins from the start.
     *
     * @return 201 and {@code Location} of the new run
     */
    @POST
    @Path("/{id}/fork")
    public RestResponse<Views.Commanded> fork(
            @PathParam("id") String id, @HeaderParam("Idempotency-Key") Optional<String> key, byte[] body) {
        String forked = steering.carryOut(id, Order.read(Action.FORK, body), key);
        return RestResponse.ResponseBuilder.<Views.Commanded>create(RestResponse.Status.CREATED)
                .entity(new Views.Commanded(forked, Action.FORK.word(), location(forked)))
                .location(URI.create(location(forked)))
                .build();
    }

    /**
     * An event for this run alone, kept until one of its steps listens for it: a CloudEvent in binary or structured
     * mode, or plain JSON {@code {"type", "data"}}. An event of the same source and id is taken once.
     */
    @POST
    @Path("/{id}/signals")
    public RestResponse<Views.Signalled> signal(
            @PathParam("id") String id,
            @HeaderParam("Idempotency-Key") Optional<String> key,
            @Context HttpHeaders headers,
            byte[] body) {
        key.ifPresent(Starts::checkKey);
        CloudEventIn event = CloudEventIn.isCloudEvent(headers)
                ? CloudEventIn.read(headers, body)
                : CloudEventIn.plain(Order.object(body), location(id), key, clock.instant());
        steering.signal(id, event);
        return RestResponse.ResponseBuilder.<Views.Signalled>create(RestResponse.Status.ACCEPTED)
                .entity(new Views.Signalled(id, event.id()))
                .build();
    }

    private static String location(String id) {
        return "/v1/runs/" + id;
    }
}
