package dev.sluice.dispatch;

import dev.sluice.queue.Demand;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * KEDA's external scaler ({@code externalscaler.proto}, gRPC over HTTP/2 without TLS): says how many dispatchers the
 * work needs, so that there is none while there is none. It asks Redis and not a dispatcher, and therefore runs in a
 * process that stays up. Without a client it costs nothing.
 */
@ApplicationScoped
public class Scaler {
    private static final Logger LOG = Logger.getLogger(Scaler.class);

    static final String SERVICE = "/externalscaler.ExternalScaler/";
    private static final String METRIC = "sluice-demand";

    /** In the {@code metadata} of the trigger: things to do for one dispatcher. */
    private static final String TARGET = "target";

    /** 10,000: one dispatcher gets through thousands a second, so that a second one is for what does not pass. */
    private static final long TARGET_DEFAULT = 10_000;

    /** 64 KiB: a request names an object and a few settings. */
    private static final int REQUEST_BYTES_MAX = 64 * 1024;

    /** 1 s: as often as a dispatcher itself would look. */
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    /** A frame of gRPC: whether it is compressed, and its length. */
    private static final int PREFIX_BYTES = 5;

    /** Codes of gRPC. */
    private static final int INVALID_ARGUMENT = 3;

    private static final int UNIMPLEMENTED = 12;
    private static final int UNAVAILABLE = 14;

    private final Vertx vertx;
    private final Demand demand;
    private final Clock clock;
    private final int port;
    private HttpServer server;

    Scaler(
            Vertx vertx,
            Demand demand,
            Clock clock,
            @ConfigProperty(name = "sluice.scaler.port", defaultValue = "0") int port) {
        this.vertx = vertx;
        this.demand = demand;
        this.clock = clock;
        this.port = port;
    }

    /** Listens on {@code sluice.scaler.port}, on all addresses; 0: not at all. */
    public void start() {
        if (port > 0) listen(port).toCompletionStage().toCompletableFuture().join();
    }

    Future<Integer> listen(int at) {
        var options = new HttpServerOptions().setPort(at).setAlpnVersions(List.of(HttpVersion.HTTP_2));
        server = vertx.createHttpServer(options).requestHandler(this::take);
        return server.listen().map(HttpServer::actualPort);
    }

    public void stop() {
        if (server != null) server.close();
    }

    private void take(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() > REQUEST_BYTES_MAX)
                request.response().reset();
            else body.appendBuffer(part);
        });
        request.endHandler(end -> answer(request, body));
    }

    private void answer(HttpServerRequest request, Buffer body) {
        HttpServerResponse response = request.response().putHeader("content-type", "application/grpc");
        try {
            switch (request.path().replace(SERVICE, "")) {
                case "IsActive" -> look(response, amount -> active(amount > 0));
                case "StreamIsActive" -> new Watch(response).start();
                case "GetMetricSpec" -> send(response, spec(target(message(body))));
                case "GetMetrics" -> look(response, Scaler::metrics);
                default -> refuse(response, UNIMPLEMENTED, "there is no " + request.path());
            }
        } catch (IllegalArgumentException e) {
            refuse(response, INVALID_ARGUMENT, e.getMessage());
        }
    }

    private interface Reply {
        Proto of(long amount);
    }

    private void look(HttpServerResponse response, Reply reply) {
        amount().onSuccess(amount -> send(response, reply.of(amount)))
                .onFailure(e -> refuse(response, UNAVAILABLE, "Redis does not answer"));
    }

    /** Completed on the event loop that asks; Redis is asked on another thread. */
    private Future<Long> amount() {
        Context context = vertx.getOrCreateContext();
        Promise<Long> promise = Promise.promise();
        Thread.startVirtualThread(() -> {
            try {
                long total = demand.at(clock.instant()).total();
                context.runOnContext(done -> promise.complete(total));
            } catch (RuntimeException e) {
                LOG.warnf("how much there is to do cannot be told (%s)", e.getMessage());
                context.runOnContext(done -> promise.fail(e));
            }
        });
        return promise.future();
    }

    private static Buffer message(Buffer body) {
        if (body.length() < PREFIX_BYTES || body.getByte(0) != 0 || body.getInt(1) != body.length() - PREFIX_BYTES) {
            throw new IllegalArgumentException("one frame that is not compressed is expected");
        }
        return body.getBuffer(PREFIX_BYTES, body.length());
    }

    /** The third field of a ScaledObjectRef is a map: messages of a key and a value. */
    private static long target(Buffer scaledObject) {
        for (Buffer entry : Proto.read(scaledObject).getOrDefault(3, List.of())) {
            Map<Integer, List<Buffer>> pair = Proto.read(entry);
            if (Proto.text(pair, 1).equals(TARGET)) return Math.max(1, Long.parseLong(Proto.text(pair, 2)));
        }
        return TARGET_DEFAULT;
    }

    private static Proto active(boolean is) {
        return new Proto().number(1, is ? 1 : 0);
    }

    private static Proto spec(long target) {
        Proto metric = new Proto().text(1, METRIC).number(2, target).real(3, target);
        return new Proto().message(1, metric);
    }

    private static Proto metrics(long amount) {
        Proto value = new Proto().text(1, METRIC).number(2, amount).real(3, amount);
        return new Proto().message(1, value);
    }

    private static Buffer frame(Proto message) {
        Buffer bytes = message.buffer();
        return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length()).appendBuffer(bytes);
    }

    private static void send(HttpServerResponse response, Proto message) {
        if (response.closed()) return;
        response.setChunked(true).write(frame(message));
        response.putTrailer("grpc-status", "0").end();
    }

    private static void refuse(HttpServerResponse response, int status, String message) {
        if (response.closed()) return;
        response.putHeader("grpc-status", String.valueOf(status))
                .putHeader("grpc-message", message)
                .end();
    }

    /** Tells one client whether there is anything to do: now, and whenever that changes, until it goes away. */
    private final class Watch {
        private final HttpServerResponse response;
        private final AtomicBoolean looking = new AtomicBoolean();
        private Boolean last;

        Watch(HttpServerResponse response) {
            this.response = response.setChunked(true);
        }

        void start() {
            long timer = vertx.setPeriodic(0, LOOK_INTERVAL.toMillis(), each -> look());
            response.closeHandler(closed -> vertx.cancelTimer(timer));
            response.exceptionHandler(broken -> vertx.cancelTimer(timer));
        }

        private void look() {
            if (!looking.compareAndSet(false, true)) return;
            amount().onSuccess(amount -> tell(amount > 0)).onComplete(done -> looking.set(false));
        }

        private void tell(boolean active) {
            if (response.closed() || Boolean.valueOf(active).equals(last)) return;
            last = active;
            response.write(frame(active(active)));
        }
    }
}
