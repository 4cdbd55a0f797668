package dev.sluice.queue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A slice of the runs of one workflow group and region. All its keys share one hash tag, so that one script can change
 * them at once. Its tag is part of every key and every run's name: hence a class that keeps it, and not a record.
 */
public final class Partition {
    private static final Pattern TAG = Pattern.compile("(\\w{1,40})\\.(\\w{1,40})\\.(\\d{1,5})");

    /** 16,384 known ones: more than a process serves; those beyond are read anew each time. */
    private static final int KNOWN_MAX = 16_384;

    private static final Map<String, Partition> KNOWN = new ConcurrentHashMap<>();

    private final String group;
    private final String region;
    private final int number;
    private final String tag;

    /**
     * @param group workflows that share partitions; letters, digits and {@code _}
     * @param region where its workers are; letters, digits and {@code _}
     * @param number from 0
     */
    public Partition(String group, String region, int number) {
        this.group = group;
        this.region = region;
        this.number = number;
        this.tag = group + "." + region + "." + number;
        if (!TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException(
                    "group and region must be 1 to 40 letters, digits or _, number 0 to 99999: " + tag);
        }
    }

    /** @throws IllegalArgumentException when {@code tag} is not one */
    public static Partition parse(String tag) {
        Partition known = KNOWN.get(tag);
        if (known != null) return known;
        Matcher matcher = TAG.matcher(tag);
        if (!matcher.matches()) throw new IllegalArgumentException("not a partition: " + tag);
        var partition = new Partition(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
        if (KNOWN.size() < KNOWN_MAX) KNOWN.put(tag, partition);
        return partition;
    }

    public String group() {
        return group;
    }

    public String region() {
        return region;
    }

    public int number() {
        return number;
    }

    /** Between the braces of each of its keys, for example {@code default.local.0}. */
    public String tag() {
        return tag;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partition partition && partition.tag.equals(tag);
    }

    @Override
    public int hashCode() {
        return tag.hashCode();
    }

    @Override
    public String toString() {
        return tag;
    }
}
