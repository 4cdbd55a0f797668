package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The step contract, written once: a CloudEvent comes in, the body runs on a virtual thread, one CloudEvent goes out.
 * Funqy turns every exception into a bare 500, therefore none leaves this class: a failure is an event, too.
 *
 * <p>Answer: {@code ce-id} = the request's id + {@code -result}, {@code ce-source} = {@code /functions/<name>},
 * {@code ce-type} = {@link #SUCCEEDED} (data: the output) or {@link #FAILED} (data: a problem). Both carry what models
 * used, as decimal strings in the extensions {@code sluicetokensin}, {@code sluicetokensout} and
 * {@code sluicecostmicros}. The output is a tree, because Funqy writes a {@code byte[]} of type
 * {@code application/json} as a base64 string; the input is bytes, because only then does a malformed one reach this
 * class instead of becoming a 500.
 */
@Singleton
class StepFunction {
    static final String SUCCEEDED = "dev.sluice.step.succeeded.v1";
    static final String FAILED = "dev.sluice.step.failed.v1";

    private static final Logger LOG = Logger.getLogger(StepFunction.class);

    private final ExecutorService virtualThreads;
    private final Attempts attempts;

    @Inject
    StepFunction(@VirtualThreads ExecutorService virtualThreads, Attempts attempts) {
        this.virtualThreads = virtualThreads;
        this.attempts = attempts;
    }

    /**
     * @param body may block and may throw {@link ProblemException}; its thread is interrupted when nobody waits for the
     *     answer any more, see {@link Attempts}
     * @return never fails, except with an {@link Error}
     */
    Uni<CloudEvent<JsonNode>> run(String function, CloudEvent<byte[]> request, Function<StepInput, StepOutput> body) {
        return Uni.createFrom().item(() -> answer(function, request, body)).runSubscriptionOn(virtualThreads);
    }

    private CloudEvent<JsonNode> answer(
            String function, CloudEvent<byte[]> request, Function<StepInput, StepOutput> body) {
        // The event is made after the attempt has ended: nothing interrupts it.
        try {
            StepOutput output = attempt(function, request, body);
            return event(function, request, SUCCEEDED, output.data(), output.usage());
        } catch (ProblemException e) {
            Problem problem = e.problem();
            // An answer from outside may stand in the detail, with lines of its own.
            String line = problem.oneLine().replaceAll("\\s+", " ");
            LOG.infof("%s function=%s failed: %s", labels(request), function, line);
            return event(function, request, FAILED, problem.toJson(), e.usage());
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s function=%s failed by a defect", labels(request), function);
            Problem problem = Problem.of(
                            Code.SL9001,
                            "The function '" + function + "' met a defect of its own ("
                                    + e.getClass().getSimpleName()
                                    + "). It is tried again; its log names the attempt and the place.")
                    .retry();
            return event(function, request, FAILED, problem.toJson(), Usage.NONE);
        }
    }

    private StepOutput attempt(String function, CloudEvent<byte[]> request, Function<StepInput, StepOutput> body) {
        String call = extensions(request).getOrDefault(Attempts.CALL, String.valueOf(request.id()));
        try (Attempts.Running running = attempts.begin(call)) {
            try {
                return body.apply(StepInput.parse(function, bytes(request), extensions(request)));
            } finally {
                if (running.aborted()) LOG.debugf("%s function=%s aborted", labels(request), function);
            }
        }
    }

    /** Funqy's event throws a NullPointerException, instead of having no data, when the request has no body. */
    private static byte[] bytes(CloudEvent<byte[]> request) {
        try {
            return request.data();
        } catch (NullPointerException noBody) {
            return null;
        }
    }

    private static CloudEvent<JsonNode> event(
            String function, CloudEvent<byte[]> request, String type, JsonNode data, Usage usage) {
        return CloudEventBuilder.create()
                .id(request.id() + "-result")
                .source("/functions/" + function)
                .type(type)
                .extensions(Map.of(
                        "sluicetokensin", Long.toString(usage.inputTokens()),
                        "sluicetokensout", Long.toString(usage.outputTokens()),
                        "sluicecostmicros", Long.toString(usage.costMicros())))
                .build(data);
    }

    private static Map<String, String> extensions(CloudEvent<byte[]> request) {
        return request.extensions() == null ? Map.of() : request.extensions();
    }

    private static String labels(CloudEvent<byte[]> request) {
        Map<String, String> extensions = extensions(request);
        return "run=" + extensions.get("sluicerun") + " step=" + extensions.get("sluicestep") + " attempt="
                + extensions.get("sluiceattempt");
    }
}
