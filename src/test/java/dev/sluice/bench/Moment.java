package dev.sluice.bench;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * All counters at one moment, or what they grew by between two.
 *
 * @param nanos {@link System#nanoTime}
 * @param calls of functions: one for each step
 * @param finished runs that succeeded
 * @param cpuMillis of each process
 */
record Moment(long nanos, long calls, long finished, Map<String, Double> cpuMillis, Info redis) {

    static Moment now(World world, Load load) throws IOException {
        return new Moment(
                System.nanoTime(), load.calls, world.server.count("succeeded"), world.cpuMillis(), world.info());
    }

    Moment since(Moment before) {
        var cpu = new TreeMap<String, Double>();
        cpuMillis.forEach((name, millis) -> cpu.put(name, millis - before.cpuMillis.get(name)));
        return new Moment(
                nanos - before.nanos, calls - before.calls, finished - before.finished, cpu, redis.since(before.redis));
    }

    double seconds() {
        return nanos / 1e9;
    }

    double cpuMillisOfAll() {
        return cpuMillis.values().stream().mapToDouble(m -> m).sum();
    }
}
