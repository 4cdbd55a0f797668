package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Step {@code http}: the DSL's {@code call: http}, with expressions, templates, references and secrets already in
 * place.
 *
 * <p>Input {@code {"method", "endpoint": {"uri", "authentication"?}, "headers"?, "query"?, "body"?, "output"?,
 * "redirect"?, "timeout"?}}: {@code output} is {@code content} (the default), {@code response} or {@code raw};
 * {@code timeout} is in seconds, 600 by default, for all of the call. Output: see {@link CallContent}. Redirects: see
 * {@link Caller}. Errors have the DSL's types: see {@link CallFailure}.
 */
@ApplicationScoped
public class HttpCall {
    private final StepFunction contract;
    private final Caller caller;

    @Inject
    HttpCall(StepFunction contract, Caller caller) {
        this.contract = contract;
        this.caller = caller;
    }

    @Funq("http")
    public Uni<CloudEvent<JsonNode>> http(CloudEvent<byte[]> request) {
        return contract.run("http", request, this::call);
    }

    private StepOutput call(StepInput input) {
        return new StepOutput(caller.call(CallRequest.read(input), input.extensions()), Usage.NONE);
    }
}
