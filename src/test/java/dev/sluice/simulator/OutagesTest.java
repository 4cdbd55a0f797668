package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Caller.Said;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Storms, limits, outages and what else an endpoint may do to its callers. */
class OutagesTest {
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Caller caller;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) each.close();
    }

    private Simulator start(String... settings) {
        Simulator simulator = Simulator.start(Options.of("instant=true").with(settings));
        opened.add(simulator);
        caller = new Caller(simulator);
        opened.add(caller);
        return simulator;
    }

    @Test
    void aStormSaysInEveryFormHowLongItLasts() {
        Simulator simulator = start();
        simulator.storm(Duration.ofSeconds(90));
        simulator.control("retry-after=seconds");
        assertThat(Long.parseLong(caller.chat("Hello").header("retry-after"))).isBetween(80L, 90L);
        simulator.control("retry-after=millis");
        assertThat(Long.parseLong(caller.chat("Hello").header("retry-after-ms")))
                .isBetween(80_000L, 90_000L);
        simulator.control("retry-after=date");
        var until =
                ZonedDateTime.parse(caller.chat("Hello").header("retry-after"), DateTimeFormatter.RFC_1123_DATE_TIME);
        assertThat(Duration.between(ZonedDateTime.now(), until).toSeconds()).isBetween(80L, 92L);
        simulator.control("retry-after=reset");
        Said said = caller.chat("Hello");
        assertThat(said.header("x-ratelimit-remaining-requests")).isEqualTo("0");
        assertThat(said.header("x-ratelimit-reset-requests")).matches("1m(2\\d|30)(\\.\\d{1,3})?s");
        assertThat(said.status()).isEqualTo(429);
        assertThat(said.json().at("/error/code").asText()).isEqualTo("rate_limit_exceeded");
        assertThat(simulator.billing().refused()).containsEntry(429, 4);
        assertThat(simulator.billing().billed()).isZero();
        simulator.storm(Duration.ZERO);
        assertThat(caller.chat("Hello").status()).isEqualTo(200);
    }

    @Test
    void aWaitIsWrittenAsGoWritesIt() {
        assertThat(Refusal.inWords(Duration.ofMillis(120))).isEqualTo("120ms");
        assertThat(Refusal.inWords(Duration.ofMillis(1_500))).isEqualTo("1.5s");
        assertThat(Refusal.inWords(Duration.ofSeconds(2))).isEqualTo("2s");
        assertThat(Refusal.inWords(Duration.ofSeconds(360))).isEqualTo("6m0s");
    }

    @Test
    void stormsThatComeByTheClockComeAgain() {
        Simulator simulator = start("storm-every=400", "storm-time=200", "retry-after=millis");
        for (int storm = 0; storm < 2; storm++) {
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> caller.chat("Hello").status() == 429);
            await().pollInterval(Duration.ofMillis(10))
                    .until(() -> caller.chat("Hello").status() == 200);
        }
        assertThat(simulator.billing().billed()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void moreThanItsCapacityIsRefused() {
        Simulator simulator = start("instant=false", "capacity=2", "first-token=60000");
        caller.begin(Caller.question("One"));
        caller.begin(Caller.question("Two"));
        await().until(() -> simulator.billing().requests() == 2);
        assertThat(caller.chat("Three").status()).isEqualTo(429);
    }

    @Test
    void anOutageInGoodOrderFinishesWhatIsUnderWayAndThenRefusesConnections() throws Exception {
        Simulator simulator = start("instant=false", "first-token=700", "answer-tokens=1");
        var underWay = caller.begin(Caller.question("Hello"));
        await().until(() -> simulator.billing().requests() == 1);
        simulator.down(Duration.ofMinutes(1), false);
        assertThat(caller.chat("Me too").status()).isEqualTo(503);
        assertThat(underWay.get().status()).isEqualTo(200);
        await().until(this::isRefused);
        simulator.up();
        assertThat(caller.chat("Hello again").status()).isEqualTo(200);
        assertThat(simulator.billing().cutOff()).isZero();
    }

    @Test
    void anAbruptOutageCutsWhatIsUnderWayAndEndsByItself() {
        Simulator simulator = start("instant=false", "first-token=60000");
        var underWay = caller.begin(Caller.question("Hello"));
        await().until(() -> simulator.billing().requests() == 1);
        simulator.down(Duration.ofMillis(500), true);
        assertThatThrownBy(underWay::get).isInstanceOf(ExecutionException.class);
        simulator.control("instant=true");
        await().until(() -> !isRefused() && caller.chat("Hello again").status() == 200);
        assertThat(simulator.billing().cutOff()).isEqualTo(1);
        assertThat(simulator.billing().cutOffMicros()).isPositive();
        assertThat(simulator.billing().billed()).isEqualTo(1);
    }

    private boolean isRefused() {
        try {
            caller.get("/models");
            return false;
        } catch (UncheckedIOException gone) {
            return gone.getCause() instanceof ConnectException;
        }
    }

    @Test
    void whatIsTooLongOrFilteredIsRefusedWithTheCodeOfTheProtocol() {
        Simulator simulator = start("context-tokens=100");
        Said tooLong = caller.chat(Caller.question("Hello").put("max_completion_tokens", 200));
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.json().at("/error/code").asText()).isEqualTo("context_length_exceeded");
        simulator.control("filter-rate=1", "filter=before");
        assertThat(caller.chat("Hello").json().at("/error/code").asText()).isEqualTo("content_filter");
        assertThat(simulator.billing().billed()).isZero();
        simulator.control("filter=middle");
        assertThat(caller.chat("Hello").json().at("/choices/0/finish_reason").asText())
                .isEqualTo("content_filter");
        assertThat(simulator.billing().billed()).isEqualTo(1);
    }

    @Test
    void toolsAreCalledOnceAtTheSameTimeAndThenItAnswers() {
        start();
        ObjectNode question = Caller.question("What is the weather in Paris, and the time?");
        for (String name : List.of("weather", "time")) {
            ObjectNode tool = question.withArray("tools").addObject().put("type", "function");
            tool.putObject("function").put("name", name).set("parameters", Caller.tree("""
                    {"type":"object","properties":{"city":{"type":"string","maxLength":9}},"required":["city"]}"""));
        }
        Said calling = caller.chat(question);
        assertThat(calling.json().at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        var message = (ObjectNode) calling.json().at("/choices/0/message");
        assertThat(message.path("tool_calls")).hasSize(2);
        assertThat(Caller.tree(message.at("/tool_calls/1/function/arguments").asText())
                        .has("city"))
                .isTrue();
        assertThat(caller.chat(question.deepCopy().put("parallel_tool_calls", false))
                        .json()
                        .at("/choices/0/message/tool_calls"))
                .hasSize(1);
        question.withArray("messages").add(message);
        for (var call : message.path("tool_calls")) {
            ObjectNode result = question.withArray("messages")
                    .addObject()
                    .put("role", "tool")
                    .put("content", "12");
            result.set("tool_call_id", call.path("id"));
        }
        assertThat(caller.chat(question).json().at("/choices/0/finish_reason").asText())
                .isEqualTo("stop");
    }

    @Test
    void callsOfToolsAreStreamedPieceByPiece() {
        start();
        ObjectNode question = Caller.question("Time?").put("stream", true);
        ObjectNode tool = question.putArray("tools").addObject().put("type", "function");
        tool.putObject("function").put("name", "time").set("parameters", Caller.tree("""
                {"type":"object","properties":{"city":{"type":"string"}}}"""));
        var arguments = new StringBuilder();
        Said stream = caller.chat(question);
        stream.events()
                .forEach(event -> arguments.append(event.at("/choices/0/delta/tool_calls/0/function/arguments")
                        .asText("")));
        assertThat(Caller.tree(arguments.toString()).has("city")).isTrue();
        assertThat(stream.text()).contains("\"finish_reason\":\"tool_calls\"");
    }

    @Test
    void embeddingsAreTheSameForTheSameTextPackedOrNot() {
        Simulator simulator = start("dimensions=8");
        ObjectNode request = Caller.JSON.createObjectNode().put("model", "e");
        request.putArray("input").add("one").add("two");
        Said plain = caller.post("/embeddings", request);
        Said packed = caller.post("/embeddings", request.put("encoding_format", "base64"));
        var first = plain.json().at("/data/0/embedding");
        assertThat(first).hasSize(8).isNotEqualTo(plain.json().at("/data/1/embedding"));
        byte[] bytes =
                Base64.getDecoder().decode(packed.json().at("/data/0/embedding").asText());
        float unpacked = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(4);
        assertThat(unpacked).isEqualTo((float) first.get(1).asDouble());
        assertThat(simulator.billing().inputTokens()).isEqualTo(4);
        assertThat(caller.get("/models").json().at("/data/0/id").asText()).isEqualTo("simulated");
    }

    @Test
    void aWrongKeyIsRefusedAndRepeatedOnlyWhenAsked() {
        Simulator simulator = start("key=right");
        Said refused = caller.post("/chat/completions", Caller.question("Hello"), "authorization", "Bearer sk-wrong");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text() + refused.headers()).doesNotContain("sk-wrong");
        simulator.control("echo=true");
        Said echoed = caller.post("/chat/completions", Caller.question("Hello"), "authorization", "Bearer sk-wrong");
        assertThat(echoed.json().at("/error/message").asText()).contains("Bearer sk-wrong");
        assertThat(echoed.header("x-echo")).isEqualTo("Bearer sk-wrong");
        assertThat(caller.post("/chat/completions", Caller.question("Hello"), "authorization", "Bearer right")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void ordersOverHttpChangeWhatItDoes() {
        Simulator simulator = start();
        assertThat(caller.post("/../control", Caller.tree("{\"error-rate\":1,\"error-status\":[599]}"))
                        .status())
                .isEqualTo(204);
        assertThat(caller.chat("Hello").status()).isEqualTo(599);
        assertThat(caller.post("/../control", Caller.tree("{\"error-rates\":1}"))
                        .status())
                .isEqualTo(400);
        assertThatThrownBy(() -> simulator.control("error-rate")).isInstanceOf(IllegalArgumentException.class);
        caller.post("/../reset", Caller.tree("{}"));
        assertThat(simulator.billing().requests()).isZero();
        caller.post("/../control", Caller.tree("{\"error-rate\":0}"));
        caller.post("/../storm", Caller.tree("{\"millis\":60000}"));
        assertThat(caller.chat("Hello").status()).isEqualTo(429);
        caller.post("/../down", Caller.tree("{\"millis\":60000,\"abruptly\":true}"));
        await().until(this::isRefused);
    }
}
