package dev.sluice.functions;

import static dev.sluice.functions.Events.CONTRACT;
import static dev.sluice.functions.Events.answer;
import static dev.sluice.functions.Events.data;
import static dev.sluice.functions.Events.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.funqy.knative.events.CloudEvent;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepFunctionTest {
    @Test
    void aSuccessIsAnEventWithTheOutputAndWhatModelsUsed() {
        CloudEvent<JsonNode> answer = answer(
                CONTRACT.run("copy", request("{\"a\": 1}"), input -> new StepOutput(input.object(), Events.USAGE)));
        assertThat(answer.type()).isEqualTo("dev.sluice.step.succeeded.v1");
        assertThat(answer.id()).isEqualTo("t-7-result");
        assertThat(answer.source()).isEqualTo("/functions/copy");
        assertThat(answer.dataContentType()).isEqualTo("application/json");
        assertThat(answer.extensions())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("sluicetokensin", "120", "sluicetokensout", "30", "sluicecostmicros", "45"));
        assertThat(data(answer)).isEqualTo(Events.json("{\"a\": 1}"));
    }

    @Test
    void aProblemIsAFailedEventAndWhatWasPaidForIsReportedWithIt() {
        Problem limited = Problem.of(Code.SL5004, "Too many requests.").retryAfter(java.time.Duration.ofSeconds(3));
        CloudEvent<JsonNode> answer = answer(CONTRACT.run("copy", request("{}"), input -> {
            throw new ProblemException(limited, Events.USAGE, null);
        }));
        assertThat(answer.type()).isEqualTo("dev.sluice.step.failed.v1");
        assertThat(answer.extensions()).containsEntry("sluicecostmicros", "45");
        assertThat(Problem.fromJson(data(answer))).isEqualTo(limited);
    }

    @Test
    void aDefectIsARetryableFailedEventThatShowsNoInnards() {
        CloudEvent<JsonNode> answer = answer(CONTRACT.run("copy", request("{}"), input -> {
            throw new IllegalStateException("password=hunter2");
        }));
        Problem problem = Problem.fromJson(data(answer));
        assertThat(problem.code()).isEqualTo(Code.SL9001.name());
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.detail()).contains("IllegalStateException").doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "| got no input",
                "{\"a\": | got input that is not JSON at line 1",
                "{} {| got input that is not JSON at line 1",
                "[1]| got a JSON array",
                "{}| expects a text that is not blank at /text of its input, found nothing",
                "{\"text\": 3}| at /text of its input, found number",
                "{\"text\": \" \"}| at /text of its input, found a blank text",
            })
    void inputThatIsNotValidIsRefusedWithThePlace(String input, String detail) {
        CloudEvent<JsonNode> answer = answer(CONTRACT.run(
                "copy",
                request(input),
                in -> new StepOutput(Events.json("\"" + in.text("text") + "\""), Events.USAGE)));
        Problem problem = Problem.fromJson(data(answer));
        assertThat(problem.code()).isEqualTo(Code.SL4008.name());
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.detail()).contains("'copy'").contains(detail);
    }

    @Test
    void theBodyRunsOnAVirtualThread() {
        CloudEvent<JsonNode> answer = answer(CONTRACT.run(
                "where",
                request("{}"),
                input -> new StepOutput(
                        Events.json(Boolean.toString(Thread.currentThread().isVirtual())), Events.USAGE)));
        assertThat(data(answer).asBoolean()).isTrue();
    }
}
