package dev.sluice.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A sample of what is sent to Redis, by {@code MONITOR}: the commands of clients, apart from those that scripts call,
 * which Redis' own statistics do not tell. It slows Redis down, so it is taken outside of the measured window.
 *
 * @param sent commands of clients; a script counts as one
 * @param inScripts commands that scripts called
 */
record Monitor(Map<String, Long> sent, Map<String, Long> inScripts) {

    /** Listens until {@code isOver}; a quiet Redis ends it as well, after the time-out of a reply. */
    static Monitor listen(int port, java.util.function.BooleanSupplier isOver) throws IOException {
        var sent = new TreeMap<String, Long>();
        var inScripts = new TreeMap<String, Long>();
        try (Resp redis = new Resp(port)) {
            redis.call("MONITOR");
            while (!isOver.getAsBoolean()) {
                String line = (String) redis.read();
                // 1700000000.123456 [0 127.0.0.1:40000] "xadd" "stream" …, or [0 lua] in place of the address.
                int quote = line.indexOf('"');
                String command =
                        line.substring(quote + 1, line.indexOf('"', quote + 1)).toLowerCase(Locale.ROOT);
                boolean isScripts = line.lastIndexOf("lua]", quote) > 0;
                (isScripts ? inScripts : sent).merge(command, 1L, Long::sum);
            }
        }
        return new Monitor(sent, inScripts);
    }

    long commands() {
        return sent.values().stream().mapToLong(n -> n).sum();
    }
}
