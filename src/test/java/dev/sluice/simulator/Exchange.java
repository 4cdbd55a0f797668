package dev.sluice.simulator;

import dev.sluice.simulator.Options.Cut;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** One answer on its way, piece by piece, each when it is due. No thread waits. */
final class Exchange {
    /**
     * @param pieces of the body, one after the other
     * @param length of all, in bytes; -1 for a stream of events
     * @param first ms until the first piece; negative: at once, and all others too
     * @param every ms between two
     * @param cutAfter so many pieces; more than there are: not cut
     * @param hangs nothing is ever written
     */
    record Plan(List<Buffer> pieces, long length, long first, double every, int cutAfter, boolean hangs) {
        static Plan whole(Buffer body, long millis) {
            return new Plan(List.of(body), body.length(), millis, 0, Integer.MAX_VALUE, false);
        }

        static Plan stream(List<Buffer> events, long first, double every) {
            return new Plan(events, -1, first, every, Integer.MAX_VALUE, false);
        }

        boolean isStream() {
            return length < 0;
        }

        /** In the middle. */
        Plan cut() {
            if (isStream()) return new Plan(pieces, length, first, every, Math.ceilDiv(pieces.size(), 2), hangs);
            Buffer body = pieces.getFirst();
            int half = body.length() / 2;
            List<Buffer> halves = List.of(body.slice(0, half), body.slice(half, body.length()));
            return new Plan(halves, length, first, every, 1, hangs);
        }

        Plan hanging() {
            return new Plan(pieces, length, first, every, cutAfter, true);
        }
    }

    /** Told once. */
    interface Ended {
        /** @param whole the answer was written to its end */
        void ended(boolean whole);
    }

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Plan plan;
    private final Options options;
    private final Ended told;
    private final long began = System.nanoTime();
    private int written;
    private long timer = -1;
    private boolean ended;

    Exchange(Vertx vertx, HttpServerRequest request, Plan plan, Options options, Ended told) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
        this.plan = plan;
        this.options = options;
        this.told = told;
    }

    void begin() {
        response.closeHandler(closed -> end(false));
        if (plan.hangs()) return;
        if (plan.first() < 0) while (!ended && written < plan.pieces().size()) next();
        else await();
    }

    private void await() {
        double due = plan.first() + written * plan.every();
        long left = Math.round(due - (System.nanoTime() - began) / 1e6);
        if (left <= 0) {
            next();
            return;
        }
        timer = vertx.setTimer(left, fired -> next());
    }

    private void next() {
        if (ended) return;
        if (written == plan.cutAfter()) {
            cut();
            return;
        }
        if (written == 0) head();
        Buffer piece = plan.pieces().get(written++);
        if (written == plan.pieces().size()) {
            response.end(piece).onComplete(done -> end(done.succeeded()));
            return;
        }
        response.write(piece);
        if (plan.first() >= 0) await();
    }

    private void head() {
        if (plan.isStream()) {
            response.setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
            response.putHeader("cache-control", "no-cache");
        } else {
            response.putHeader("content-type", "application/json");
            response.putHeader("content-length", Long.toString(plan.length()));
        }
    }

    private void cut() {
        end(false);
        if (options.cut() == Cut.CLOSE || !plan.isStream()) {
            request.connection().close();
            return;
        }
        var refusal = Refusal.of(500, "server_error", null, "The server had an error while it wrote the answer.");
        response.end(Completion.event(refusal.json(options.echo() ? request.getHeader("authorization") : null)));
    }

    private void end(boolean whole) {
        if (ended) return;
        ended = true;
        vertx.cancelTimer(timer);
        told.ended(whole);
    }
}
