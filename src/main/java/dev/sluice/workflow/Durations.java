package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the DSL writes them: ISO 8601, or an object with days, hours, minutes, seconds and milliseconds. */
final class Durations {
    /** Years count 365 days and months 30, because a duration has no date that it begins at. */
    private static final Pattern ISO = Pattern.compile("P(?:([\\d.]+)Y)?(?:([\\d.]+)M)?(?:([\\d.]+)W)?(?:([\\d.]+)D)?"
            + "(?:T(?:([\\d.]+)H)?(?:([\\d.]+)M)?(?:([\\d.]+)S)?)?");

    private static final double[] MILLIS = {365 * 86_400e3, 30 * 86_400e3, 7 * 86_400e3, 86_400e3, 3_600e3, 60e3, 1e3};

    private Durations() {}

    /** @throws ProblemException SL3003 when {@code json} is no duration or a negative one */
    static Duration of(JsonNode json) {
        long millis = json.isObject() ? ofObject(json) : ofText(json.asText(""));
        if (millis < 0) {
            throw Problem.of(
                            Code.SL3003,
                            json + " is not a duration; write ISO 8601 such as PT1M30S, or an object with days, hours,"
                                    + " minutes, seconds, milliseconds")
                    .asException();
        }
        return Duration.ofMillis(millis);
    }

    private static long ofObject(JsonNode json) {
        return json.path("days").asLong() * 86_400_000
                + json.path("hours").asLong() * 3_600_000
                + json.path("minutes").asLong() * 60_000
                + json.path("seconds").asLong() * 1_000
                + json.path("milliseconds").asLong();
    }

    /** @return -1 when it is none */
    private static long ofText(String text) {
        Matcher matcher = ISO.matcher(text.strip());
        if (!matcher.matches() || !text.matches(".*\\d.*")) return -1;
        double millis = 0;
        try {
            for (int i = 0; i < MILLIS.length; i++) {
                if (matcher.group(i + 1) != null) millis += Double.parseDouble(matcher.group(i + 1)) * MILLIS[i];
            }
        } catch (NumberFormatException e) {
            return -1;
        }
        return Math.round(millis);
    }
}
