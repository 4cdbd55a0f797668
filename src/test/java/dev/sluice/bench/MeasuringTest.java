package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import dev.sluice.workflow.DefinitionReader;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The arithmetic of the benchmark, and that its documents are what its tables say. */
class MeasuringTest {
    @Test
    void aFigureIsToldWithItsMedianAndItsSpread() {
        var figures = new Figures();
        for (double value : List.of(3.0, 1.0, 2.0)) figures.add("x", value);
        assertThat(figures.median("x")).isEqualTo(2);
        assertThat(figures.last("x")).isEqualTo(2);
        assertThat(figures.json().at("/x/least").asDouble()).isEqualTo(1);
        assertThat(figures.json().at("/x/most").asDouble()).isEqualTo(3);
        figures.add("x", 4);
        assertThat(figures.median("x")).isEqualTo(2.5);
        assertThat(figures.table().lines().toList().getLast()).matches(" +x +2\\.500 +1 +4");
    }

    @Test
    void aPercentileIsAValueThatWasMeasured() {
        List<Double> hundred =
                IntStream.rangeClosed(1, 100).mapToObj(Double::valueOf).toList();
        assertThat(Latency.percentile(hundred, 0.50)).isEqualTo(50);
        assertThat(Latency.percentile(hundred, 0.99)).isEqualTo(99);
        assertThat(Latency.percentile(hundred, 1)).isEqualTo(100);
        assertThat(Latency.percentile(List.of(7.0), 0.99)).isEqualTo(7);
        assertThat(Latency.percentile(List.of(), 0.5)).isNaN();
    }

    @Test
    void whatRedisCountedIsReadAndSubtractedAndAdded() {
        String text = "# Stats\r\ntotal_net_input_bytes:%d\r\nredis_version:7.0.15\r\n"
                + "cmdstat_evalsha:calls=%d,usec=30,usec_per_call=10.00,rejected_calls=0,failed_calls=0\r\n";
        Info before = Info.parse(text.formatted(100, 3));
        Info after = Info.parse(text.formatted(250, 8));
        assertThat(after.since(before).number("total_net_input_bytes")).isEqualTo(150);
        assertThat(after.since(before).scripts()).isEqualTo(5);
        assertThat(after.plus(before).number("total_net_input_bytes")).isEqualTo(350);
        assertThat(after.plus(before).micros()).containsEntry("evalsha", 60L);
        assertThat(after.number("redis_version")).isZero();
    }

    @Test
    void processorTimeGrowsWithWork() throws IOException {
        double before = Child.ownCpuMillis();
        assertThat(Pause.until(Duration.ofSeconds(30), 0, () -> Child.ownCpuMillis() >= before + 50))
                .isTrue();
    }

    @Test
    void answersAndStreamsAreReadToTheirEndAndEachIsCounted() throws IOException {
        try (Simulator model = Simulator.start(Options.of("instant=true"))) {
            int port = URI.create(model.url()).getPort();
            for (boolean stream : List.of(false, true)) {
                model.reset();
                var starter =
                        new Starter(Load.VERTX, port, "/v1/chat/completions", Inference.question(stream), "x-a: b");
                try (Calls calls = stream ? Calls.together(starter, 4) : Calls.paced(starter, 200)) {
                    Pause.until(Duration.ofSeconds(30), 5, () -> calls.answered >= 40);
                    assertThat(calls.stop()).hasSize((int) calls.answered).isSorted();
                    assertThat(calls.answered).as(calls.complaint).isGreaterThanOrEqualTo(40);
                    assertThat(calls.failed).isZero();
                    assertThat(model.billing().billed()).isEqualTo(calls.answered);
                }
            }
        }
    }

    @Test
    void runsOfAHundredStepsHaveAsManyCallsAsTheTableSays() {
        for (int calls : List.of(3, 100)) {
            String document = Hundred.workflow(calls);
            assertThat(new DefinitionReader().check(document)).isEmpty();
            assertThat(document.split("call: noop", -1)).hasSize(calls + 1);
            assertThat(document.split("\\{ set:", -1)).hasSize(100 - calls + 1);
        }
    }
}
