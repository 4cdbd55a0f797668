package dev.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * What is sent to Redis, by {@code MONITOR}: the commands of clients, apart from those that scripts call, which Redis'
 * own statistics do not tell. It slows Redis down, so rates are measured without it.
 */
final class Monitor implements AutoCloseable {
    private static final String END = "the monitor's end";

    /**
     * @param sent commands of clients; a script counts as one
     * @param inScripts commands that scripts called
     */
    record Commands(Map<String, Long> sent, Map<String, Long> inScripts) {
        Commands plus(Commands more) {
            more.sent.forEach((name, count) -> sent.merge(name, count, Long::sum));
            more.inScripts.forEach((name, count) -> inScripts.merge(name, count, Long::sum));
            return this;
        }

        long count() {
            return sent.values().stream().mapToLong(n -> n).sum();
        }
    }

    private final Resp listening;
    private final CompletableFuture<Commands> commands;

    private Monitor(Resp listening) {
        this.listening = listening;
        this.commands = CompletableFuture.supplyAsync(this::listen);
    }

    /** @param listening a connection that is used for nothing else from now on, and closed with the monitor */
    static Monitor start(Resp listening) throws IOException {
        listening.call("MONITOR");
        return new Monitor(listening);
    }

    /** All that came before this moment. @param other another connection to the same Redis */
    Commands stop(Resp other) throws IOException {
        other.call("ECHO", END);
        return commands.join();
    }

    private Commands listen() {
        var all = new Commands(new TreeMap<>(), new TreeMap<>());
        try {
            for (String line = next(); !line.contains(END); line = next()) {
                // 1700000000.123456 [0 127.0.0.1:40000] "xadd" "stream" …, or [0 lua] in place of the address.
                int quote = line.indexOf('"');
                String command =
                        line.substring(quote + 1, line.indexOf('"', quote + 1)).toLowerCase(Locale.ROOT);
                boolean isScripts = line.lastIndexOf("lua]", quote) > 0;
                (isScripts ? all.inScripts : all.sent).merge(command, 1L, Long::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private String next() throws IOException {
        return (String) listening.read();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
