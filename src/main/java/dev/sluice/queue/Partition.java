package dev.sluice.queue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A slice of the runs of one workflow group and region. All its keys share one hash tag, so that one script can change
 * them at once.
 *
 * @param group workflows that share partitions; letters, digits and {@code _}
 * @param region where its workers are; letters, digits and {@code _}
 * @param number from 0
 */
public record Partition(String group, String region, int number) {
    private static final Pattern TAG = Pattern.compile("(\\w{1,40})\\.(\\w{1,40})\\.(\\d{1,5})");

    public Partition {
        if (!TAG.matcher(tag(group, region, number)).matches()) {
            throw new IllegalArgumentException(
                    "group and region must be 1 to 40 letters, digits or _, number 0 to 99999: "
                            + tag(group, region, number));
        }
    }

    /** Between the braces of each of its keys, for example {@code default.local.0}. */
    public String tag() {
        return tag(group, region, number);
    }

    /** @throws IllegalArgumentException when {@code tag} is not one */
    public static Partition parse(String tag) {
        Matcher matcher = TAG.matcher(tag);
        if (!matcher.matches()) throw new IllegalArgumentException("not a partition: " + tag);
        return new Partition(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
    }

    private static String tag(String group, String region, int number) {
        return group + "." + region + "." + number;
    }
}
