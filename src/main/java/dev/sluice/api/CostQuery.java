package dev.sluice.api;

import dev.sluice.inference.Ledger;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Of which days costs are asked for, and what the rows are told apart by.
 *
 * @param from first day (UTC); @param to last day, at most 30 days later
 * @param by some of {@link #NAMES}
 */
record CostQuery(LocalDate from, LocalDate to, Set<String> by) {
    /** 31 days: a month. Each is a read of its own. */
    static final int DAYS_MAX = 31;

    static final List<String> NAMES = List.of("day", "tenant", "workflow", "endpoint", "model");
    private static final Set<String> DEFAULT = new LinkedHashSet<>(NAMES.subList(1, NAMES.size()));

    /**
     * @param day one day; not together with {@code from} and {@code to}
     * @param by names, separated by commas; empty: all but the day
     * @throws dev.sluice.workflow.ProblemException SL2014 saying which is not valid
     */
    static CostQuery of(String day, String from, String to, String by, LocalDate today) {
        if (!day.isEmpty() && !(from.isEmpty() && to.isEmpty())) {
            throw RunsResource.invalid("give either day or from and to");
        }
        LocalDate only = date("day", day, today);
        LocalDate last = date("to", to, only);
        LocalDate first = date("from", from, last);
        long days = ChronoUnit.DAYS.between(first, last) + 1;
        if (days < 1 || days > DAYS_MAX) {
            throw RunsResource.invalid(
                    "from and to must be 1 to " + DAYS_MAX + " days, in this order; were " + first + " and " + last);
        }
        return new CostQuery(first, last, names(by));
    }

    private static LocalDate date(String name, String text, LocalDate otherwise) {
        if (text.isEmpty()) return otherwise;
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw RunsResource.invalid(name + " must be a day such as 2026-11-30, was '" + text + "'");
        }
    }

    private static Set<String> names(String by) {
        if (by.isEmpty()) return DEFAULT;
        var names = new LinkedHashSet<String>();
        for (String name : by.split(",", -1)) {
            if (!NAMES.contains(name)) {
                throw RunsResource.invalid(
                        "by must be some of " + String.join(", ", NAMES) + ", with commas between; was '" + by + "'");
            }
            names.add(name);
        }
        return names;
    }

    CallViews.Costs tell(List<Ledger.Totals> days) {
        var sums = new HashMap<Map<String, String>, Sum>();
        var total = new Sum();
        for (Ledger.Totals day : days) {
            for (Ledger.Row row : day.rows()) {
                sums.computeIfAbsent(key(day.day(), row), k -> new Sum()).add(row);
                total.add(row);
            }
        }
        var rows = new ArrayList<CallViews.CostRow>();
        sums.forEach((key, sum) -> rows.add(sum.row(key)));
        rows.sort(Comparator.comparingLong((CallViews.CostRow row) -> row.costMicros() + row.uncertainMicros())
                .reversed()
                .thenComparing(CostQuery::names));
        return new CallViews.Costs(from, to, by, rows, total.row(Map.of()));
    }

    private static String names(CallViews.CostRow row) {
        return row.day() + "\n" + row.tenant() + "\n" + row.workflow() + "\n" + row.endpoint() + "\n" + row.model();
    }

    private Map<String, String> key(LocalDate day, Ledger.Row row) {
        var key = new HashMap<String, String>();
        for (String name : by) {
            key.put(
                    name,
                    switch (name) {
                        case "day" -> day.toString();
                        case "tenant" -> row.tenant();
                        case "workflow" -> row.workflow();
                        case "endpoint" -> row.endpoint();
                        default -> row.model();
                    });
        }
        return key;
    }

    private static final class Sum {
        private long calls;
        private long input;
        private long cached;
        private long output;
        private long micros;
        private long uncertain;

        void add(Ledger.Row row) {
            calls += row.calls();
            input += row.input();
            cached += row.cached();
            output += row.output();
            micros += row.micros();
            uncertain += row.uncertainMicros();
        }

        CallViews.CostRow row(Map<String, String> key) {
            return new CallViews.CostRow(
                    key.containsKey("day") ? LocalDate.parse(key.get("day")) : null,
                    key.get("tenant"),
                    key.get("workflow"),
                    key.get("endpoint"),
                    key.get("model"),
                    calls,
                    input,
                    cached,
                    output,
                    micros,
                    uncertain);
        }
    }
}
