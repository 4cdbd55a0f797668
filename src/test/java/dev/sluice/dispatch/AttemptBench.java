package dev.sluice.dispatch;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.Task;
import dev.sluice.store.RealStore;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one attempt costs the dispatcher's process: processor time and allocated bytes of {@link FunctionCalls}, against
 * a function that does nothing, in a process of its own. {@code main} prints a line per round; run it with the class
 * path of the tests.
 */
final class AttemptBench {
    private static final int IN_FLIGHT = 64;
    private static final String INPUT = "{\"n\":1,\"text\":\"some words of input\"}";
    private static final Clock CLOCK = Clock.systemUTC();
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AttemptBench() {}

    /** {@code [calls] [rounds]}, or {@code server <port>}. */
    public static void main(String[] args) throws Exception {
        if (args.length == 2 && args[0].equals("server")) serve(Integer.parseInt(args[1]));
        else measure(number(args, 0, 100_000), number(args, 1, 6));
    }

    private static int number(String[] args, int index, int otherwise) {
        return args.length > index ? Integer.parseInt(args[index]) : otherwise;
    }

    /** Ends with its parent, by the end of its input. */
    private static void serve(int port) throws IOException {
        Vertx.vertx()
                .createHttpServer(new HttpServerOptions())
                .requestHandler(request -> request.endHandler(end -> request.response()
                        .putHeader("content-type", "application/json")
                        .end("{\"ok\":true}")))
                .listen(port, "127.0.0.1")
                .onSuccess(server -> System.out.println("ready"));
        while (System.in.read() >= 0) Thread.onSpinWait();
        System.exit(0);
    }

    private static void measure(int calls, int rounds) throws Exception {
        int port = Integer.getInteger("bench.port", 24100);
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        AttemptBench.class.getName(),
                        "server",
                        String.valueOf(port))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            server.inputReader().readLine();
            var store = new RealStore();
            var http = new Http(RealRedis.VERTX);
            var calling = new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, Clock.systemUTC());
            var target = new FunctionTarget(
                    "f",
                    URI.create("http://127.0.0.1:" + port + "/"),
                    WindowBounds.fixed(IN_FLIGHT),
                    Duration.ofMinutes(1));
            for (int round = 0; round < rounds; round++) round(calling, target, calls, round);
        } finally {
            server.destroy();
        }
        System.exit(0);
    }

    private static void round(FunctionCalls calling, FunctionTarget target, int calls, int round)
            throws InterruptedException {
        var next = new AtomicInteger();
        var done = new CountDownLatch(calls);
        long cpu = PROCESS.getProcessCpuTime();
        long bytes = THREADS.getTotalThreadAllocatedBytes();
        long began = System.nanoTime();
        for (int i = 0; i < IN_FLIGHT; i++) {
            next(calling, target, next, calls, done);
        }
        done.await();
        System.out.printf(
                Locale.ROOT,
                "round %d: %.1f us processor time, %.0f bytes, %.0f calls/s%n",
                round,
                (PROCESS.getProcessCpuTime() - cpu) / 1e3 / calls,
                (double) (THREADS.getTotalThreadAllocatedBytes() - bytes) / calls,
                calls / ((System.nanoTime() - began) / 1e9));
    }

    /** As the lane does it: the end of one attempt begins the next. */
    private static void next(
            FunctionCalls calling, FunctionTarget target, AtomicInteger next, int calls, CountDownLatch done) {
        int number = next.getAndIncrement();
        if (number >= calls) return;
        Instant now = CLOCK.instant();
        String run = "r-local.0-" + number;
        var task = new Task(run, "/do/1/work", 1, "f", INPUT, now, run + ":/do/1/work", Duration.ZERO, false);
        calling.begin(target, task, now, new CompletableFuture<>()).thenAccept(event -> {
            event.orElseThrow();
            done.countDown();
            next(calling, target, next, calls, done);
        });
    }
}
