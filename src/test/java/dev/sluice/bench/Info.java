package dev.sluice.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What Redis has counted since its start, or between two moments.
 *
 * @param calls of each command, those that scripts make among them
 * @param micros that Redis spent in each; a script's own includes those of the commands that it called
 */
record Info(Map<String, Long> numbers, Map<String, Long> calls, Map<String, Long> micros) {

    /** @param text reply to {@code INFO everything} */
    static Info parse(String text) {
        var numbers = new TreeMap<String, Long>();
        var calls = new TreeMap<String, Long>();
        var micros = new TreeMap<String, Long>();
        text.lines().filter(line -> line.contains(":")).forEach(line -> {
            String name = line.substring(0, line.indexOf(':'));
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (name.startsWith("cmdstat_")) {
                String command = name.substring("cmdstat_".length());
                calls.put(command, member(value, "calls="));
                micros.put(command, member(value, "usec="));
            } else if (value.matches("\\d{1,18}")) {
                numbers.put(name, Long.valueOf(value));
            }
        });
        return new Info(numbers, calls, micros);
    }

    private static long member(String value, String name) {
        int from = value.indexOf(name) + name.length();
        int to = value.indexOf(',', from);
        return Long.parseLong(value.substring(from, to < 0 ? value.length() : to));
    }

    Info since(Info before) {
        return new Info(minus(numbers, before.numbers), minus(calls, before.calls), minus(micros, before.micros));
    }

    /** Of two servers together. */
    Info plus(Info other) {
        return new Info(plus(numbers, other.numbers), plus(calls, other.calls), plus(micros, other.micros));
    }

    private static Map<String, Long> plus(Map<String, Long> one, Map<String, Long> other) {
        var sum = new TreeMap<>(one);
        other.forEach((name, value) -> sum.merge(name, value, Long::sum));
        return sum;
    }

    private static Map<String, Long> minus(Map<String, Long> after, Map<String, Long> before) {
        var difference = new TreeMap<String, Long>();
        after.forEach((name, value) -> difference.put(name, value - before.getOrDefault(name, 0L)));
        return difference;
    }

    long number(String name) {
        return numbers.getOrDefault(name, 0L);
    }

    /** Runs of scripts and functions. */
    long scripts() {
        ToLongFunction<String> of = command -> calls.getOrDefault(command, 0L);
        return of.applyAsLong("evalsha") + of.applyAsLong("eval") + of.applyAsLong("fcall");
    }
}
