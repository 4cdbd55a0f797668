package dev.sluice.scenario;

import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A simulated model with prices, known to a running Sluice by the alias {@code fast}; and the address of its proxy. */
final class Proxied implements AutoCloseable {
    /** Fast enough for a test, slow enough that a stream is one: a usual answer takes 0.3 s. */
    private static final Options OPTIONS = Options.of("first-token=0", "tokens-per-second=100", "retry-after-time=500");

    final Simulator model;
    final Sluice sluice;

    /** Base URL for clients. */
    final String url;

    private Proxied(Simulator model, Sluice sluice, String url) {
        this.model = model;
        this.sluice = sluice;
        this.url = url;
    }

    static Proxied start(Path directory, String... options) throws IOException {
        Simulator model = Simulator.start(OPTIONS);
        try {
            int port = Sluice.freePort();
            var all = new ArrayList<>(endpoint("sim", model));
            all.addAll(List.of("-Dsluice.inference.model=fast", "-Dsluice.inference.routes.fast.endpoints=sim"));
            all.addAll(List.of(options));
            Sluice sluice = Sluice.startOn(port, directory, all.toArray(String[]::new));
            return new Proxied(model, sluice, "http://127.0.0.1:" + port + "/openai/v1");
        } catch (IOException | RuntimeException failed) {
            model.close();
            throw failed;
        }
    }

    /** Settings of an endpoint at the simulator's own prices. */
    static List<String> endpoint(String name, Simulator model) {
        String endpoint = "-Dsluice.inference.endpoints." + name + ".";
        return List.of(
                endpoint + "url=" + model.url(),
                endpoint + "model=simulated",
                endpoint + "input-price=0.4",
                endpoint + "cached-input-price=0.1",
                endpoint + "output-price=2.5");
    }

    /** As it began: nothing has come, and nothing goes wrong. */
    void calm() {
        model.control("error-rate=0", "limit-rate=0", "malformed-rate=0", "cut-rate=0", "hang-rate=0");
        model.storm(java.time.Duration.ZERO);
    }

    @Override
    public void close() throws IOException {
        sluice.close();
        model.close();
    }
}
