package dev.sluice.bench;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The server's live feed: it tells of a run's end when the commit that ended it has been made, without being asked, so
 * that the time of it is not that of a poll.
 */
final class Feed implements AutoCloseable {
    /** Told on the event loop. */
    interface Ended {
        void ended(String id, long nanos);
    }

    private final HttpClient http = Load.VERTX.createHttpClient(new HttpClientOptions().setMaxPoolSize(1));
    private final Ended told;
    private String rest = "";
    private volatile boolean isOver;

    private Feed(Ended told) {
        this.told = told;
    }

    /** Returns when the feed has begun. */
    static Feed open(int serverPort, Ended told) {
        var feed = new Feed(told);
        feed.http
                .request(HttpMethod.GET, serverPort, "127.0.0.1", "/v1/feed")
                .compose(request -> request.send())
                .map(response -> response.handler(feed::read).endHandler(end -> feed.isOver = true))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        return feed;
    }

    private void read(Buffer chunk) {
        long now = System.nanoTime();
        String text = rest + chunk.toString(StandardCharsets.UTF_8);
        int from = 0;
        for (int to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
            line(text.substring(from, to), now);
            from = to + 1;
        }
        rest = text.substring(from);
    }

    private void line(String line, long now) {
        if (line.startsWith("data:") && line.contains("\"status\":\"succeeded\"")) {
            int from = line.indexOf("\"id\":\"") + 6;
            told.ended(line.substring(from, line.indexOf('"', from)), now);
        }
    }

    /** @throws IOException when the server has ended the feed, as it does with a reader that is too slow */
    void check() throws IOException {
        if (isOver) throw new IOException("the feed has ended; what it told is not the whole");
    }

    @Override
    public void close() {
        http.close();
    }
}
