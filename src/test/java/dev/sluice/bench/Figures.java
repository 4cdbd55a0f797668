package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of one scenario, each with a value for every round, in the order in which they were first told. */
final class Figures {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    /** @param name with its unit, for example {@code latency p50, ms} */
    void add(String name, double value) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    double median(String name) {
        var sorted = new ArrayList<>(values.getOrDefault(name, List.of(Double.NaN)));
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Of the round that is under way. */
    double last(String name) {
        return values.get(name).getLast();
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        values.forEach((name, all) -> {
            ObjectNode figure = json.putObject(name);
            figure.put("median", rounded(median(name)));
            figure.put("least", rounded(Collections.min(all)));
            figure.put("most", rounded(Collections.max(all)));
            all.forEach(figure.putArray("values")::add);
        });
        return json;
    }

    String table() {
        var text = new StringBuilder(row("", "median", "least", "most"));
        values.forEach((name, all) -> text.append(
                row(name, number(median(name)), number(Collections.min(all)), number(Collections.max(all)))));
        return text.toString();
    }

    private static String row(String name, String... cells) {
        return String.format(Locale.ROOT, "  %-52s %12s %12s %12s%n", name, cells[0], cells[1], cells[2]);
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }

    /** Four digits that matter. */
    private static String number(double value) {
        double size = Math.abs(value);
        int decimals = size >= 1_000 || size == Math.rint(size) ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
