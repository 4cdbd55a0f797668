package dev.sluice.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;

/**
 * Starts runs of one workflow over kept-alive connections, one POST a run, on one event loop. Either as many as keep
 * {@code inFlight} runs unfinished, which the functions' count of last steps tells every 10 ms; or so many a second,
 * whatever becomes of them.
 */
final class Load implements AutoCloseable {
    private static final int TICK_MILLIS = 10;

    /** A server that refuses (429) is asked again after this. */
    private static final int REFUSED_PAUSE_MILLIS = 100;

    private static final Duration ANSWERS_MAX = Duration.ofSeconds(60);

    static final Vertx VERTX =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));

    /** @param inFlight 0: no limit @param rate starts a second; 0: as fast as {@code inFlight} allows */
    record Plan(String workflow, String input, int inFlight, double rate, int connections) {}

    private final Plan plan;
    private final HttpClient http;
    private final Context loop = VERTX.getOrCreateContext();
    private final RequestOptions start;
    private final RequestOptions counts;
    private final Buffer input;
    private final long began = System.nanoTime();
    private long timer;
    /** Starts that the server has yet to answer. */
    private volatile int posting;

    private long resumeAt;
    private volatile boolean stopped;

    /** Runs that the server answered for with 202. */
    volatile long accepted;
    /** Answers other than 202, and connections that broke. */
    volatile long refused;
    /** As the functions counted them. */
    volatile long calls;

    volatile long lasts;
    /** The last answer that was not 202, for the report. */
    volatile String complaint = "";

    private Load(Plan plan, int serverPort, int functionsPort) {
        this.plan = plan;
        this.http = VERTX.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(plan.connections() + 1)
                .setKeepAliveTimeout(60)
                .setTcpNoDelay(true));
        this.input = Buffer.buffer(plan.input());
        this.start = new RequestOptions()
                .setHost("127.0.0.1")
                .setPort(serverPort)
                .setURI("/v1/workflows/" + plan.workflow() + "/runs")
                .setMethod(HttpMethod.POST)
                .putHeader("content-type", "application/json");
        this.counts = new RequestOptions()
                .setHost("127.0.0.1")
                .setPort(functionsPort)
                .setURI("/")
                .setMethod(HttpMethod.GET);
    }

    static Load start(Plan plan, World world) {
        var load = new Load(plan, world.server.port, world.functions.port);
        load.loop.runOnContext(now -> load.timer = VERTX.setPeriodic(TICK_MILLIS, id -> load.tick()));
        return load;
    }

    private void tick() {
        http.request(counts)
                .compose(request -> request.send().compose(HttpClientResponse::body))
                .onSuccess(body -> {
                    String[] both = body.toString().split(" ");
                    calls = Long.parseLong(both[0]);
                    lasts = Long.parseLong(both[1]);
                    fill();
                });
    }

    /** On the event loop only. */
    private void fill() {
        if (stopped || System.nanoTime() < resumeAt) return;
        while (posting < plan.connections() && isDue()) post();
    }

    private boolean isDue() {
        long started = accepted + posting;
        if (plan.inFlight() > 0 && started - lasts >= plan.inFlight()) return false;
        return plan.rate() == 0 || started + refused < (System.nanoTime() - began) / 1e9 * plan.rate();
    }

    private void post() {
        posting++;
        http.request(start)
                .compose(request -> request.send(input)
                        .compose(response -> response.body().map(body -> answered(response.statusCode(), body))))
                .onFailure(e -> refused(e.toString()))
                .onComplete(whatever -> {
                    posting--;
                    fill();
                });
    }

    private Void answered(int status, Buffer body) {
        if (status == 202) accepted++;
        else refused(status + " " + body);
        return null;
    }

    private void refused(String why) {
        refused++;
        complaint = why;
        resumeAt = System.nanoTime() + REFUSED_PAUSE_MILLIS * 1_000_000L;
    }

    /** No more starts; returns when all were answered. The functions' counts are still read. */
    void stop() throws IOException {
        stopped = true;
        Pause.millis(2 * TICK_MILLIS);
        Pause.until(ANSWERS_MAX, 10, () -> posting == 0);
    }

    @Override
    public void close() {
        VERTX.cancelTimer(timer);
        http.close();
    }
}
