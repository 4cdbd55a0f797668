package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Step {@code openapi}: the DSL's {@code call: openapi}, for Swagger 2.0 and OpenAPI 3.
 *
 * <p>Input {@code {"document": {"endpoint": {"uri", "authentication"?}}, "operationId", "parameters"?,
 * "authentication"?, "output"?, "redirect"?, "timeout"?}}. The document is fetched, see {@link ApiDocuments};
 * parameters are placed where it says, see {@link ApiRequest}; from there on it is a call like that of
 * {@link HttpCall}, with the same output and the same errors.
 */
@ApplicationScoped
public class OpenApiCall {
    private final StepFunction contract;
    private final Caller caller;
    private final ApiDocuments documents;

    @Inject
    OpenApiCall(StepFunction contract, Caller caller, ApiDocuments documents) {
        this.contract = contract;
        this.caller = caller;
        this.documents = documents;
    }

    @Funq("openapi")
    public Uni<CloudEvent<JsonNode>> openapi(CloudEvent<byte[]> request) {
        return contract.run("openapi", request, this::call);
    }

    private StepOutput call(StepInput input) {
        StepInput endpoint = input.object("document").object("endpoint");
        ApiDocument document = documents.get(endpoint.text("uri"), CallRequest.authentication(endpoint));
        ApiDocument.Operation operation = document.operation(input.text("operationId"));
        Outgoing request = ApiRequest.of(
                document, operation, input.objectOrEmpty("parameters").object());
        CallRequest call = CallRequest.of(input, request, Authentication.read(input));
        return new StepOutput(caller.call(call, input.extensions()), Usage.NONE);
    }
}
