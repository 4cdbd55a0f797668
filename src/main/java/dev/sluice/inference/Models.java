package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.HttpServer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Asks models. Which one answers, where and at what price is configuration alone, see {@link InferenceSettings}. */
@ApplicationScoped
public class Models {
    private final Endpoints endpoints;
    private final ModelMeter meter;
    private final Clock clock;

    @Inject
    Models(InferenceSettings settings, MeterRegistry registry, HttpServer server, Instance<Clock> clock) {
        this(settings, registry, () -> own(server), clock.isResolvable() ? clock.get() : Clock.systemUTC());
    }

    Models(InferenceSettings settings, MeterRegistry registry, Supplier<URI> ownUrl, Clock clock) {
        this.endpoints = new Endpoints(settings, ownUrl);
        this.meter = new ModelMeter(registry);
        this.clock = clock;
    }

    private static URI own(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getPort() + OfflineResource.PATH);
    }

    /**
     * Asks once. Blocks until the answer is there, at most twice the endpoint's timeout (for a place, then for the
     * answer): call it on a virtual thread. An interrupt of the thread ends the call and closes the connection.
     *
     * @return an answer that is valid against {@link Ask#schema}
     * @throws ProblemException SL4008 when the schema itself is not valid, SL5001 to SL5006, or SL1007 when an endpoint
     *     is configured wrongly; with the usage already paid
     */
    public Answer ask(Ask ask) {
        Endpoint endpoint = endpoints.of(ask.model());
        AnswerSchema.mistake(ask.schema()).ifPresent(mistake -> {
            String detail = "the schema \"" + ask.schemaName() + "\" of the answer cannot be used: " + mistake;
            throw Problem.of(Code.SL4008, detail).asException();
        });
        enter(endpoint);
        long started = System.nanoTime();
        Usage used = Usage.NONE;
        String outcome = "defect";
        try {
            Answer answer = answer(ask, endpoint);
            used = answer.usage();
            outcome = "succeeded";
            return answer;
        } catch (ProblemException failed) {
            used = failed.usage();
            outcome = failed.problem().code();
            throw failed;
        } finally {
            endpoint.places().release();
            meter.count(endpoint, outcome, used, Duration.ofNanos(System.nanoTime() - started));
        }
    }

    /**
     * For the start: fails when no endpoint is meant by the default alias, or when an endpoint's settings cannot be
     * used.
     *
     * @throws ProblemException SL1007
     */
    public void check() {
        endpoints.check();
    }

    private static void enter(Endpoint endpoint) {
        try {
            if (endpoint.places().tryAcquire(endpoint.timeout().toMillis(), TimeUnit.MILLISECONDS)) return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw EndpointFailure.aborted(endpoint).asException();
        }
        throw EndpointFailure.crowded(endpoint).asException();
    }

    private Answer answer(Ask ask, Endpoint endpoint) {
        JsonNode request = ChatRequest.of(ask, endpoint);
        String body = exchange(endpoint, request);
        JsonNode completion =
                ChatAnswer.parse(body).orElseThrow(() -> unusable(endpoint, "it is not a JSON object", Usage.NONE));
        Usage usage = ChatAnswer.usage(completion, request, endpoint.price());
        ChatAnswer.flaw(completion).ifPresent(flaw -> {
            throw unusable(endpoint, flaw, usage);
        });
        JsonNode value = ChatAnswer.value(ChatAnswer.content(completion))
                .orElseThrow(() -> unusable(endpoint, "it is not JSON", usage));
        AnswerSchema.flaw(ask.schema(), value).ifPresent(flaw -> {
            throw unusable(endpoint, "it does not match the schema \"" + ask.schemaName() + "\": " + flaw, usage);
        });
        return new Answer(value, usage, endpoint.name(), endpoint.model());
    }

    private static ProblemException unusable(Endpoint endpoint, String flaw, Usage usage) {
        Problem problem = EndpointFailure.unusable(endpoint, flaw);
        return new ProblemException(problem, usage, null);
    }

    /** Giving up, for its time or by an interrupt, closes the connection: a server may stop computing then. */
    private String exchange(Endpoint endpoint, JsonNode request) {
        CompletableFuture<Response> pending = endpoint.client()
                .get()
                .complete(endpoint.key().authorization(), request)
                .subscribeAsCompletionStage();
        try (Response response = pending.get(endpoint.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
            String body = response.hasEntity() ? response.readEntity(String.class) : "";
            if (response.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL) return body;
            Duration wait = RetryAfter.of(response::getHeaderString, clock);
            throw EndpointFailure.of(endpoint, response.getStatus(), body, wait).asException();
        } catch (InterruptedException nobodyWaits) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            throw new ProblemException(EndpointFailure.aborted(endpoint), nobodyWaits);
        } catch (TimeoutException late) {
            pending.cancel(true);
            throw new ProblemException(EndpointFailure.of(endpoint, late), late);
        } catch (ProcessingException | ExecutionException failed) {
            throw new ProblemException(EndpointFailure.of(endpoint, failed), failed);
        }
    }
}
