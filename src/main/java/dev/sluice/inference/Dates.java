package dev.sluice.inference;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds dates as people write them. */
final class Dates {
    /** @param at index in the text */
    record Found(LocalDate date, int at) {}

    /** 200 dates are more than any field asks for. */
    private static final int COUNT_MAX = 200;

    private static final String MONTH =
            "(jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|"
                    + "july?|juli|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|oktober|"
                    + "nov(?:ember)?|dec(?:ember)?|dezember)\\.?";
    private static final Pattern ISO = Pattern.compile("(?<!\\d)(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})(?!\\d)");
    private static final Pattern NUMBERS =
            Pattern.compile("(?<![\\d.])(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4}|\\d{2})(?![\\d])");
    private static final Pattern DAY_FIRST =
            Pattern.compile("(?<!\\d)(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+)?" + MONTH + ",?\\s+(\\d{4})(?!\\d)");
    private static final Pattern MONTH_FIRST =
            Pattern.compile("\\b" + MONTH + "\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})(?!\\d)");
    private static final Map<String, Integer> MONTHS = Map.ofEntries(
            Map.entry("jan", 1),
            Map.entry("feb", 2),
            Map.entry("mar", 3),
            Map.entry("mär", 3),
            Map.entry("apr", 4),
            Map.entry("may", 5),
            Map.entry("mai", 5),
            Map.entry("jun", 6),
            Map.entry("jul", 7),
            Map.entry("aug", 8),
            Map.entry("sep", 9),
            Map.entry("oct", 10),
            Map.entry("okt", 10),
            Map.entry("nov", 11),
            Map.entry("dec", 12),
            Map.entry("dez", 12));

    private Dates() {}

    /** All dates of the text in its order. */
    static List<Found> of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean american = text.indexOf('$') >= 0 && text.indexOf('€') < 0 && text.indexOf('£') < 0;
        List<Found> found = new ArrayList<>();
        ISO.matcher(lower).results().limit(COUNT_MAX).forEach(m -> add(found, m, m.group(1), m.group(2), m.group(3)));
        NUMBERS.matcher(lower).results().limit(COUNT_MAX).forEach(m -> addNumbers(found, m, american));
        DAY_FIRST
                .matcher(lower)
                .results()
                .limit(COUNT_MAX)
                .forEach(m -> add(found, m, m.group(3), month(m.group(2)), m.group(1)));
        MONTH_FIRST
                .matcher(lower)
                .results()
                .limit(COUNT_MAX)
                .forEach(m -> add(found, m, m.group(3), month(m.group(1)), m.group(2)));
        found.sort(Comparator.comparingInt(Found::at));
        return found;
    }

    static Optional<LocalDate> first(String text) {
        return of(text).stream().map(Found::date).findFirst();
    }

    /** Day first, unless only the other order makes a date, or the text counts in dollars and writes slashes. */
    private static void addNumbers(List<Found> found, MatchResult match, boolean american) {
        int first = Integer.parseInt(match.group(1));
        int second = Integer.parseInt(match.group(3));
        boolean monthFirst =
                second > 12 || (first <= 12 && american && match.group(2).equals("/"));
        String year = match.group(4).length() == 2 ? "20" + match.group(4) : match.group(4);
        add(
                found,
                match,
                year,
                String.valueOf(monthFirst ? first : second),
                String.valueOf(monthFirst ? second : first));
    }

    private static String month(String name) {
        return String.valueOf(MONTHS.get(name.substring(0, 3)));
    }

    private static void add(List<Found> found, MatchResult match, String year, String month, String day) {
        try {
            found.add(new Found(
                    LocalDate.of(Integer.parseInt(year), Integer.parseInt(month), Integer.parseInt(day)),
                    match.start()));
        } catch (DateTimeException noSuchDay) {
            // 31.02.2026 looks like a date and is none.
        }
    }
}
