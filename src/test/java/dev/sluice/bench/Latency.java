package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long a run of three steps takes when the machine has little else to do: from the answer that accepted it to the
 * event of the feed that says that it has succeeded, both at the generator. The server is warm.
 */
final class Latency implements Scenario {
    private static final double RATE = 20;

    /** Runs whose end is still to come may take so long. */
    private static final Duration LAST_ONES = Duration.ofSeconds(10);

    /** Of the loop's thread; read when the load has ended. */
    private static final class Times {
        private final ConcurrentHashMap<String, long[]> starts = new ConcurrentHashMap<>();
        private final ConcurrentHashMap<String, Long> ends = new ConcurrentHashMap<>();

        /** In ms, sorted. @param from 0: when it was posted, 1: when it was accepted */
        List<Double> since(int from) {
            var all = new ArrayList<Double>();
            starts.forEach((id, at) -> {
                Long end = ends.get(id);
                if (end != null) all.add((end - at[from]) / 1e6);
            });
            all.sort(null);
            return all;
        }
    }

    private static double rate(Settings settings) {
        return settings.rate() > 0 ? settings.rate() : RATE;
    }

    @Override
    public String title(Settings settings) {
        return "runs of 3 steps, " + rate(settings) + " a second, "
                + settings.length().toSeconds() + " s; from accepted to finished";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            Steps.warmUp(world, settings);
            var times = new Times();
            var plan = new Load.Plan("steps", "{\"n\":1}", 0, rate(settings), settings.connections());
            try (Feed feed = Feed.open(world.server.port, (id, at) -> times.ends.put(id, at));
                    Load load = Load.start(
                            plan,
                            world.server.port,
                            world.functions.port,
                            (id, posted, accepted) -> times.starts.put(id, new long[] {posted, accepted}))) {
                Pause.millis(settings.length().toMillis());
                load.stop();
                Pause.until(LAST_ONES, 50, () -> times.ends.size() >= times.starts.size());
                feed.check();
                tell(times, figures);
            }
        }
    }

    private static void tell(Times times, Figures figures) {
        List<Double> finished = times.since(1);
        figures.add("accepted to finished, p50, ms", percentile(finished, 0.50));
        figures.add("accepted to finished, p90, ms", percentile(finished, 0.90));
        figures.add("accepted to finished, p99, ms", percentile(finished, 0.99));
        figures.add("accepted to finished, longest, ms", percentile(finished, 1));
        List<Double> whole = times.since(0);
        figures.add("posted to finished, p50, ms", percentile(whole, 0.50));
        figures.add("posted to finished, p99, ms", percentile(whole, 0.99));
        figures.add("runs", finished.size());
        figures.add("not seen to finish", times.starts.size() - finished.size());
    }

    /** The smallest value that at least this share of all does not exceed. */
    static double percentile(List<Double> sorted, double share) {
        if (sorted.isEmpty()) return Double.NaN;
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }
}
