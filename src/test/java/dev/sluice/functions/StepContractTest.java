package dev.sluice.functions;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.inference.Account;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The step contract as a dispatcher sees it: real HTTP, real Funqy. */
@QuarkusTest
@TestProfile(StepContractTest.Plain.class)
class StepContractTest {
    public static final class Plain implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("sluice.roles", "functions");
        }
    }

    /** A function of the test: gives its input back, or fails as it is told to. */
    public static class Probe {
        @Inject
        StepFunction contract;

        @Funq("step-contract-probe")
        public Uni<CloudEvent<JsonNode>> probe(CloudEvent<byte[]> request) {
            return contract.run("step-contract-probe", request, input -> {
                if (input.text("fail", "").equals("defect")) throw new IllegalStateException("a defect of the test");
                if (input.has("fail")) {
                    throw new ProblemException(
                            Problem.of(Code.SL5004, "Wait.").retryAfter(java.time.Duration.ofMillis(1500)),
                            Events.USAGE,
                            null);
                }
                if (input.has("account")) {
                    Account account = input.account();
                    return new StepOutput(TextNode.valueOf(account.step() + account.budgets()), Events.USAGE);
                }
                return new StepOutput(input.object(), Events.USAGE);
            });
        }
    }

    private static RequestSpecification event(String type) {
        return given().header("ce-specversion", "1.0")
                .header("ce-id", "t-7")
                .header("ce-source", "/runs/r-42")
                .header("ce-type", type)
                .header("ce-sluicerun", "r-42")
                .header("ce-sluicestep", "/do/0/x")
                .header("ce-sluiceattempt", "1")
                .contentType("application/json");
    }

    /** As {@code dispatch.StepContract} sends them. */
    @Test
    void whatIsPercentEncodedInAHeaderBoundedNoModelBecauseNobodyDecodedIt() {
        event("step-contract-probe")
                .header("ce-sluicebudget", "{%22run%22:50000}")
                .header("ce-sluicestep", "/do/0/a%20b")
                .body("{\"account\": true}")
                .post("/")
                .then()
                .header("ce-type", "dev.sluice.step.succeeded.v1")
                .body(equalTo("\"/do/0/a b{RUN=50000}\""));
    }

    @Test
    void aSuccessCarriesTypeIdSourceUsageAndTheOutput() {
        event("step-contract-probe")
                .body("{\"grüße\": [1, 2.5, null]}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .post("/")
                .then()
                .statusCode(200)
                .header("ce-type", "dev.sluice.step.succeeded.v1")
                .header("ce-id", "t-7-result")
                .header("ce-source", "/functions/step-contract-probe")
                .header("ce-specversion", "1.0")
                .header("ce-sluicetokensin", "120")
                .header("ce-sluicetokensout", "30")
                .header("ce-sluicecostmicros", "45")
                .header("content-type", containsString("application/json"))
                .body(equalTo("{\"grüße\":[1,2.5,null]}"));
    }

    @Test
    void aFailureIsAnAnswerOf200WithAProblem() {
        event("step-contract-probe")
                .body("{\"fail\": \"limited\"}")
                .post("/")
                .then()
                .statusCode(200)
                .header("ce-type", "dev.sluice.step.failed.v1")
                .header("ce-sluicecostmicros", "45")
                .body("code", equalTo("SL5004"))
                .body("retryable", equalTo(true))
                .body("retryAfter", equalTo(1.5f));
    }

    @Test
    void aDefectIsAnAnswerOf200ThatMayBeRetried() {
        event("step-contract-probe")
                .body("{\"fail\": \"defect\"}")
                .post("/")
                .then()
                .statusCode(200)
                .header("ce-type", "dev.sluice.step.failed.v1")
                .body("code", equalTo("SL9001"))
                .body("retryable", equalTo(true))
                .body("detail", not(containsString("a defect of the test")));
    }

    @Test
    void malformedInputIsAnAnswerOf200ThatIsFinal() {
        for (String body : new String[] {"{\"a\":", "", "[]"}) {
            event("step-contract-probe")
                    .body(body)
                    .post("/")
                    .then()
                    .statusCode(200)
                    .header("ce-type", "dev.sluice.step.failed.v1")
                    .body("code", equalTo("SL4008"))
                    .body("retryable", equalTo(false));
        }
    }

    @Test
    void everyBuiltInStepIsReachedByItsName() {
        for (String step : new String[] {"extract", "classify", "summarize", "http", "openapi"}) {
            event(step)
                    .body("{}")
                    .post("/")
                    .then()
                    .statusCode(200)
                    .header("ce-source", "/functions/" + step)
                    .header("ce-type", "dev.sluice.step.failed.v1")
                    .body("code", equalTo("SL4008"))
                    .body("detail", containsString("'" + step + "'"));
        }
    }

    @Test
    void payloadsAreFetchedFromThisProcessUnlessToldOtherwise() {
        event("extract")
                .body("{\"document\": {\"ref\": \"sha256-" + "0".repeat(64) + "\", \"name\": \"a.pdf\"}}")
                .post("/")
                .then()
                .statusCode(200)
                .body("code", equalTo("SL4007"));
    }

    @Test
    void theStructuredModeIsUnderstoodToo() {
        given().contentType("application/cloudevents+json")
                .body("""
                        {"specversion": "1.0", "id": "t-8", "source": "/runs/r-42", "type": "step-contract-probe",
                         "datacontenttype": "application/json", "data": {"a": 1}}""")
                .post("/")
                .then()
                .statusCode(200)
                .body("type", equalTo("dev.sluice.step.succeeded.v1"))
                .body("id", equalTo("t-8-result"))
                .body("sluicetokensin", equalTo("120"))
                .body("data.a", equalTo(1));
    }
}
