package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.redis.RedisSetup;
import dev.sluice.scenario.Sluice;
import dev.sluice.simulator.Billing;
import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A deployment as separate processes: one with API, dispatcher and orchestrator; workers for the functions, without
 * Redis; one that asks models for them; and two simulated models.
 */
final class InferenceStage implements AutoCloseable {
    /** Function and its worker: two workers share three functions. */
    private static final Map<String, Integer> PLACES = Map.of("extract", 0, "classify", 1, "summarize", 1);

    final RedisSetup redis = RedisSetup.standalone("everysec");
    final Simulator first;
    final Simulator second;
    final Sluice core;
    final Sluice inference;
    final List<Sluice> workers = new ArrayList<>();
    private final Path directory;
    private final int timeout;
    /** Documents so far. */
    private int sent;

    private final List<AutoCloseable> opened = new ArrayList<>(List.of(redis));

    /**
     * @param model what both models do; their seeds differ
     * @param timeout of a call, in seconds; 30 s later at the latest the books know what became of it
     */
    InferenceStage(Path directory, Options model, int timeout) throws IOException {
        this.directory = directory;
        this.timeout = timeout;
        first = Simulator.start(model.with("seed=1"));
        second = Simulator.start(model.with("seed=2"));
        opened.addAll(List.of(first, second));
        int corePort = Sluice.freePort();
        int inferencePort = Sluice.freePort();
        int[] ports = {Sluice.freePort(), Sluice.freePort()};
        core = start("core", corePort, Stream.concat(Stream.of(roles("api,dispatcher,orchestrator")), dispatch(ports)));
        inference = start("inference", inferencePort, Stream.concat(Stream.of(roles("inference")), endpoints()));
        for (int port : ports) {
            workers.add(start(
                    "worker-" + workers.size(),
                    port,
                    Stream.of(
                            "-Dsluice.roles=functions",
                            "-Dsluice.payloads.url=http://127.0.0.1:" + corePort + "/v1/payloads",
                            "-Dsluice.inference.url=http://127.0.0.1:" + inferencePort + "/openai/v1")));
        }
    }

    private static String roles(String roles) {
        return "-Dsluice.roles=" + roles;
    }

    private Stream<String> dispatch(int[] ports) {
        var options = new ArrayList<>(redis.options());
        options.add("-Dsluice.dispatch.lease=3s");
        PLACES.forEach((function, worker) -> options.add(
                "-Dsluice.dispatch.functions." + function + ".url=http://127.0.0.1:" + ports[worker] + "/"));
        return options.stream();
    }

    /** At the simulators' prices. */
    private Stream<String> endpoints() {
        var options = new ArrayList<>(redis.options());
        options.addAll(List.of(
                "-Dsluice.inference.model=fast",
                "-Dsluice.inference.routes.fast.endpoints=first,second",
                "-Dsluice.inference.routes.fast.by=weight",
                "-Dsluice.inference.budgets.day=1000",
                "-Dsluice.inference.budgets.run=0.10"));
        Map.of("first", first, "second", second).forEach((name, model) -> {
            String endpoint = "-Dsluice.inference.endpoints." + name + ".";
            options.addAll(List.of(
                    endpoint + "url=" + model.url(),
                    endpoint + "model=" + name + "-model",
                    endpoint + "input-price=0.4",
                    endpoint + "cached-input-price=0.1",
                    endpoint + "output-price=2.5",
                    endpoint + "timeout=" + timeout + "s",
                    endpoint + "concurrency=64"));
        });
        return options.stream();
    }

    private Sluice start(String name, int port, Stream<String> options) throws IOException {
        // Starts sooner, and several fit on a small machine.
        var small = Stream.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx320m");
        Sluice started = Sluice.startOn(
                port,
                Files.createDirectory(directory.resolve(name)),
                Stream.concat(small, options).toArray(String[]::new));
        opened.add(started);
        return started;
    }

    /** Attempts that the worker has now. */
    double inFlight(int worker) {
        return Calm.inFlight(core).entrySet().stream()
                .filter(each -> PLACES.getOrDefault(each.getKey(), -1) == worker)
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** @return ids of runs, each of a document of its own */
    List<String> analyze(int documents) {
        var runs = new ArrayList<String>();
        for (int i = 0; i < documents; i++) {
            int n = sent++;
            ObjectNode input = JsonNodeFactory.instance.objectNode();
            String text =
                    "Invoice " + n + " of 2026-03-01. Total: " + n + ".50 EUR, due in 30 days. A. Smith, Example Ltd.";
            input.putObject("document").put("name", "invoice-" + n + ".txt").put("text", text);
            var answer = core.post("/v1/workflows/document-analysis/runs", "application/json", input.toString());
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            runs.add(answer.body().path("id").asText());
        }
        return runs;
    }

    /** Sums of the ledger over all. */
    JsonNode costs() {
        return core.get("/v1/costs").body().path("total");
    }

    /** Of both models. */
    long billedMicros() {
        return first.billing().micros() + second.billing().micros();
    }

    /** Requests that the models have got. */
    long requests() {
        return first.billing().requests() + second.billing().requests();
    }

    /** By the name of each exchange: what was billed for it. */
    Map<String, Long> bills() {
        var bills = new HashMap<>(first.billing().microsByClientRequest());
        bills.putAll(second.billing().microsByClientRequest());
        return bills;
    }

    /** By question: how often an answer that fits was billed, whichever model gave it. */
    Map<String, Integer> soundAnswers() {
        var sound = new HashMap<>(first.billing().soundByRequest());
        second.billing().soundByRequest().forEach((question, times) -> sound.merge(question, times, Integer::sum));
        return sound;
    }

    /** Lines of the ledger, of all runs. */
    List<JsonNode> lines(List<String> runs) {
        var lines = new ArrayList<JsonNode>();
        for (String run : runs) {
            JsonNode page = core.get("/v1/runs/" + run + "/calls?limit=1000").body();
            assertThat(page.path("next").isNull()).as(page.toString()).isTrue();
            page.path("calls").forEach(lines::add);
        }
        return lines;
    }

    /** What the story was made of, for whoever reads its output. */
    Map<String, Object> told() {
        var told = new LinkedHashMap<String, Object>();
        for (Simulator model : List.of(first, second)) {
            Billing billing = model.billing();
            told.put(
                    model == first ? "first" : "second",
                    "%d requests, %d billed, refused %s, cut off %d, malformed %d"
                            .formatted(
                                    billing.requests(),
                                    billing.billed(),
                                    billing.refused(),
                                    billing.cutOff(),
                                    billing.billed()
                                            - billing.soundByRequest().values().stream()
                                                    .mapToInt(n -> n)
                                                    .sum()));
        }
        told.put("costs", costs());
        return told;
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable each : opened.reversed()) {
            try {
                each.close();
            } catch (IOException failed) {
                throw failed;
            } catch (Exception failed) {
                throw new IOException(failed);
            }
        }
    }
}
