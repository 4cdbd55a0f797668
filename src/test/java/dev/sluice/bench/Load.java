package dev.sluice.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
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

    /** Told of each run that was accepted, on the event loop. */
    interface Accepted {
        /** Both times by {@link System#nanoTime}. */
        void accepted(String id, long postedAt, long acceptedAt);
    }

    /** @param inFlight 0: no limit @param rate starts a second; 0: as fast as {@code inFlight} allows */
    record Plan(String workflow, String input, int inFlight, double rate, int connections) {}

    private final Plan plan;
    private final HttpClient http;
    private final Context loop = VERTX.getOrCreateContext();
    private final Starter starter;
    private final RequestOptions counts;
    private final long began = System.nanoTime();
    private long timer;
    /** Of earlier loads; not known: -1. */
    private long lastsBefore = -1;

    /** Starts that the server has yet to answer. */
    private volatile int posting;

    private long resumeAt;
    private volatile boolean stopped;

    /** Runs to start in all. */
    volatile long most = Long.MAX_VALUE;

    /** Runs that the server answered for with 202. */
    volatile long accepted;
    /** Answers other than 202, and connections that broke. */
    volatile long refused;
    /** Calls of functions, as they counted them. */
    volatile long calls;

    /** Runs of this load that have come to their last step. */
    volatile long lasts;

    /** The last answer that was not 202, for the report. */
    volatile String complaint = "";

    private final int countsPort;
    private final Accepted told;

    private Load(Plan plan, int serverPort, int countsPort, Accepted told) {
        this.plan = plan;
        this.countsPort = countsPort;
        this.told = told;
        this.http = VERTX.createHttpClient(new HttpClientOptions().setMaxPoolSize(1));
        this.starter = new Starter(VERTX, serverPort, "/v1/workflows/" + plan.workflow() + "/runs", plan.input());
        this.counts = new RequestOptions()
                .setHost("127.0.0.1")
                .setPort(countsPort)
                .setURI("/")
                .setMethod(HttpMethod.GET);
    }

    static Load start(Plan plan, World world) {
        return start(plan, world.server.port, world.functions.port, (id, posted, accepted) -> {});
    }

    /**
     * @param countsPort of what answers {@code GET /} with how many calls, and how many runs' last calls, it has had;
     *     0: the caller sets {@link #lasts}
     */
    static Load start(Plan plan, int serverPort, int countsPort, Accepted told) {
        var load = new Load(plan, serverPort, countsPort, told);
        load.loop.runOnContext(now -> load.timer = VERTX.setPeriodic(TICK_MILLIS, id -> load.tick()));
        return load;
    }

    private void tick() {
        if (countsPort == 0) {
            lastsBefore = 0;
            fill();
            return;
        }
        http.request(counts)
                .compose(request -> request.send().compose(HttpClientResponse::body))
                .onSuccess(body -> {
                    String[] both = body.toString().split(" ");
                    calls = Long.parseLong(both[0]);
                    long all = Long.parseLong(both[1]);
                    if (lastsBefore < 0) lastsBefore = all;
                    lasts = all - lastsBefore;
                    fill();
                });
    }

    /** On the event loop only. */
    private void fill() {
        if (stopped || lastsBefore < 0 || System.nanoTime() < resumeAt) return;
        while (posting < plan.connections() && isDue()) post();
    }

    private boolean isDue() {
        long started = accepted + posting;
        if (started >= most) return false;
        if (plan.inFlight() > 0 && started - lasts >= plan.inFlight()) return false;
        return plan.rate() == 0 || started + refused < (System.nanoTime() - began) / 1e9 * plan.rate();
    }

    private void post() {
        posting++;
        long postedAt = System.nanoTime();
        starter.post(answer -> {
            if (answer.status() == 202) accepted(answer.location(), postedAt);
            else refused(answer.status() + " " + answer.text());
            posting--;
            fill();
        });
    }

    private void accepted(String location, long postedAt) {
        accepted++;
        told.accepted(location.substring(location.lastIndexOf('/') + 1), postedAt, System.nanoTime());
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
        starter.close();
    }
}
