package dev.sluice.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends the same request again and again, on the loop of {@link Load}: either on so many connections, each again as
 * soon as it is answered, or so many a second, whether the ones before are answered or not.
 */
final class Calls implements AutoCloseable {
    private static final Duration ANSWERS_MAX = Duration.ofSeconds(30);

    /** Unanswered ones of a fixed rate: a server that stands still is not buried. */
    private static final int OPEN_MAX = 1_000;

    private final Starter starter;
    private final int connections;
    private final double rate;
    private final long began = System.nanoTime();

    /** In ms, from sent to answered. On the loop only, until the load has stopped. */
    private final List<Double> times = new ArrayList<>();

    private long timer = -1;
    private long sent;
    private volatile int open;
    private volatile boolean stopped;

    volatile long answered;
    volatile long failed;

    /** The last answer that was not 200. */
    volatile String complaint = "";

    private Calls(Starter starter, int connections, double rate) {
        this.starter = starter;
        this.connections = connections;
        this.rate = rate;
    }

    /** Each of so many connections sends again when it is answered. */
    static Calls together(Starter starter, int connections) {
        var calls = new Calls(starter, connections, 0);
        Load.VERTX.runOnContext(now -> {
            for (int i = 0; i < connections; i++) calls.send();
        });
        return calls;
    }

    /** @param rate a second, at most 1,000 */
    static Calls paced(Starter starter, double rate) {
        var calls = new Calls(starter, 0, rate);
        calls.timer = Load.VERTX.setPeriodic(Math.max(1, (long) (1_000 / rate)), tick -> calls.tick());
        return calls;
    }

    private void tick() {
        while (!stopped && sent < (System.nanoTime() - began) / 1e9 * rate) {
            sent++;
            if (open < OPEN_MAX) send();
            else refuse("none was sent: " + open + " are not answered");
        }
    }

    private void send() {
        open++;
        long at = System.nanoTime();
        starter.post(answer -> {
            open--;
            if (answer.status() == 200) {
                answered++;
                times.add((System.nanoTime() - at) / 1e6);
            } else {
                refuse(answer.status() + " " + answer.text());
            }
            if (connections > 0 && !stopped) again(answer.status());
        });
    }

    /** What was refused is not sent again at once: a server that is not there would be asked without end. */
    private void again(int status) {
        if (status == 200) send();
        else Load.VERTX.setTimer(100, later -> send());
    }

    private void refuse(String why) {
        failed++;
        complaint = why;
    }

    /** Returns when all are answered. @return their times, sorted */
    List<Double> stop() throws IOException {
        stopped = true;
        Pause.millis(2);
        Pause.until(ANSWERS_MAX, 10, () -> open == 0);
        times.sort(null);
        return times;
    }

    @Override
    public void close() {
        stopped = true;
        Load.VERTX.cancelTimer(timer);
        starter.close();
    }
}
