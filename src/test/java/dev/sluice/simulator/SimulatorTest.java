package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.sluice.simulator.Caller.Said;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What tests and benchmarks may rely on. */
class SimulatorTest {
    private static final String INVOICE = "{'type':'object','additionalProperties':false,'properties':"
            + "{'title':{'type':'string','maxLength':20},'due':{'type':['string','null']},"
            + "'kind':{'enum':['invoice','letter']},'total':{'type':'number','minimum':0,'maximum':1},"
            + "'day':{'type':'string','format':'date'},'code':{'type':'string','pattern':'^[A-Z]{3}$'},"
            + "'lines':{'type':'array','items':{'$ref':'#/$defs/line'},'minItems':1,'maxItems':2}},"
            + "'required':['title','due','kind','total','day','code','lines'],"
            + "'$defs':{'line':{'type':'object','properties':{'text':{'type':'string'}},'required':['text']}}}";

    private static final String EVERYTHING_HAPPENS =
            "error-rate=0.2 limit-rate=0.1 malformed-rate=0.3 filter-rate=0.1 cached-share=0.5";

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) each.close();
    }

    private Simulator start(String... settings) {
        Simulator simulator = Simulator.start(Options.of("instant=true").with(settings));
        opened.add(simulator);
        return simulator;
    }

    private Caller caller(Simulator simulator) {
        var caller = new Caller(simulator);
        opened.add(caller);
        return caller;
    }

    /** By request: what each of ten arrivals got. @param order shuffles the requests */
    private Map<Integer, List<String>> outcomes(int seed, int order) {
        Simulator simulator = start((EVERYTHING_HAPPENS + " seed=" + seed).split(" "));
        Caller caller = caller(simulator);
        var requests =
                new ArrayList<>(IntStream.range(0, 200).map(i -> i % 20).boxed().toList());
        Collections.shuffle(requests, new Random(order));
        var outcomes = new HashMap<Integer, List<String>>();
        for (int number : requests) {
            Said said = caller.chat(Caller.typed("Question " + number, INVOICE));
            String wait = said.header("retry-after").length() > 5 ? "a date" : said.header("retry-after");
            String text = said.text().replaceAll("\"created\":\\d+", "");
            outcomes.computeIfAbsent(number, n -> new ArrayList<>()).add(said.status() + wait + text);
        }
        return outcomes;
    }

    @Test
    void whatBefallsTheNthArrivalFollowsFromSeedAndRequestInAnyOrder() {
        var outcomes = outcomes(7, 1);
        assertThat(outcomes(7, 2)).isEqualTo(outcomes);
        assertThat(outcomes(8, 1)).isNotEqualTo(outcomes);
        var statuses = outcomes.values().stream()
                .flatMap(List::stream)
                .map(each -> each.substring(0, 3))
                .toList();
        assertThat(statuses).contains("200", "400", "429", "500", "503");
    }

    @Test
    void aRateIsThatShareOfRequests() {
        Caller caller = caller(start("error-rate=0.2", "seed=3"));
        long failed = IntStream.range(0, 1_000)
                .filter(n -> caller.chat("Question " + n).status() >= 500)
                .count();
        assertThat(failed).isBetween(150L, 250L);
    }

    @Test
    void anAnswerFitsTheSchemaThatWasAskedFor() {
        String content = caller(start()).chat(Caller.typed("Read", INVOICE)).content();
        assertThat(flaws(Caller.tree(content))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Malformed.class, mode = Mode.EXCLUDE, names = "ANY")
    void aMalformedAnswerDoesNotFitAndIsBilledAllTheSame(Malformed way) {
        Simulator simulator =
                start("malformed-rate=1", "malformed=" + way.name().toLowerCase());
        Said said = caller(simulator).chat(Caller.typed("Read", INVOICE));
        assertThat(said.json().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(isUsable(said.content())).as(said.content()).isFalse();
        assertThat(simulator.billing().billed()).isEqualTo(1);
        assertThat(simulator.billing().soundByRequest()).isEmpty();
    }

    private static boolean isUsable(String content) {
        try {
            return flaws(Caller.tree(content)).isEmpty();
        } catch (UncheckedIOException notJson) {
            return false;
        }
    }

    private static List<?> flaws(JsonNode value) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Caller.tree(INVOICE.replace('\'', '"')))
                .validate(value);
    }

    @Test
    void whatIsBilledIsWhatTheAnswersSayToTheMicroDollar() {
        Simulator simulator = start((EVERYTHING_HAPPENS + " filter=middle seed=5").split(" "));
        Caller caller = caller(simulator);
        long micros = 0;
        int answers = 0;
        for (int n = 0; n < 300; n++) {
            Said said = caller.chat(Caller.typed("Question " + n % 60, INVOICE));
            if (said.status() != 200) continue;
            answers++;
            JsonNode usage = said.json().path("usage");
            long cached = usage.at("/prompt_tokens_details/cached_tokens").asLong();
            long cost = (usage.path("prompt_tokens").asLong() - cached) * 400_000
                    + cached * 100_000
                    + usage.path("completion_tokens").asLong() * 2_500_000;
            micros += Math.ceilDiv(cost, 1_000_000L);
        }
        Billing billing = simulator.billing();
        assertThat(billing.micros()).isEqualTo(micros).isPositive();
        assertThat(billing.billed()).isEqualTo(answers);
        assertThat(billing.requests()).isEqualTo(300);
        assertThat(billing.byRequest().values().stream().mapToInt(n -> n).sum()).isEqualTo(answers);
        assertThat(billing.refused().values().stream().mapToInt(n -> n).sum()).isEqualTo(300 - answers);
        assertThat(billing.cachedTokens()).isPositive();
        assertThat(caller.get("/../billing").json().path("micros").asLong()).isEqualTo(micros);
    }

    @Test
    void theSameQuestionIsOneRequestWhateverItsModelAndItsDelivery() {
        Simulator simulator = start();
        Caller caller = caller(simulator);
        caller.chat(Caller.question("Hello"));
        caller.chat(Caller.question("Hello").put("model", "another").put("stream", true));
        caller.post("/chat/completions", Caller.question("Hello?"), "idempotency-key", "k");
        assertThat(simulator.billing().byRequest().values()).containsExactlyInAnyOrder(2, 1);
        assertThat(simulator.billing().byKey()).isEqualTo(Map.of("k", 1));
    }

    @Test
    void aStreamBringsTheSameTextAndWhatItUsed() {
        Caller caller = caller(start("answer-tokens=40"));
        ObjectNode question = Caller.question("Hello");
        Said whole = caller.chat(question);
        question.put("stream", true).putObject("stream_options").put("include_usage", true);
        Said stream = caller.chat(question);
        assertThat(stream.header("content-type")).startsWith("text/event-stream");
        assertThat(stream.text()).endsWith("data: [DONE]\n\n");
        var text = new StringBuilder();
        stream.events()
                .forEach(event ->
                        text.append(event.at("/choices/0/delta/content").asText("")));
        assertThat(text).hasToString(whole.content());
        assertThat(stream.events()).hasSizeGreaterThan(10);
        assertThat(stream.events().getLast().path("usage"))
                .isEqualTo(whole.json().path("usage"));
        assertThat(stream.events().getLast().path("choices")).isEmpty();
    }

    @Test
    void anAnswerTakesAsLongAsItsTokensAndTheFirstOneAsLongAsTheStartOfTheModel() {
        Caller caller = caller(start(
                "instant=false", "tokens-per-second=100", "first-token=50", "cold-start=300", "answer-tokens=20"));
        assertThat(millis(() -> caller.chat("Hello"))).isBetween(550L, 2_000L);
        assertThat(millis(() -> caller.chat("Hello"))).isBetween(250L, 1_000L);
        ObjectNode streamed = Caller.question("Hello").put("stream", true);
        assertThat(millis(() -> caller.chat(streamed))).isBetween(200L, 1_000L);
    }

    private static long millis(Runnable does) {
        long began = System.nanoTime();
        does.run();
        return (System.nanoTime() - began) / 1_000_000;
    }

    @Test
    void whoGoesAwayBeforeTheEndIsBilledOnlyWhenAsked() {
        for (boolean billed : List.of(false, true)) {
            Simulator simulator = start("instant=false", "first-token=60000", "bill-cancelled=" + billed);
            Caller caller = caller(simulator);
            caller.begin(Caller.question("Hello"));
            await().until(() -> simulator.billing().requests() == 1);
            caller.close();
            await().until(() -> simulator.billing().cutOff() == 1);
            assertThat(simulator.billing().billed()).isEqualTo(billed ? 1 : 0);
            assertThat(simulator.billing().micros())
                    .isEqualTo(billed ? simulator.billing().cutOffMicros() : 0);
        }
    }

    @Test
    void whatBreaksOffInTheMiddleOrHangsIsNotBilled() {
        Simulator simulator = start("cut-rate=1");
        Caller caller = caller(simulator);
        assertThatThrownBy(() -> caller.chat("Hello")).isInstanceOf(UncheckedIOException.class);
        simulator.control("cut=event");
        Said stream = caller.chat(Caller.question("Hello").put("stream", true));
        assertThat(stream.events().getLast().at("/error/type").asText()).isEqualTo("server_error");
        assertThat(stream.text()).doesNotContain("[DONE]");
        simulator.control("cut-rate=0", "hang-rate=1");
        var hanging = caller.begin(Caller.question("Hello"));
        await().until(() -> simulator.billing().requests() == 3);
        assertThat(hanging).isNotDone();
        assertThat(simulator.billing().billed()).isZero();
    }
}
