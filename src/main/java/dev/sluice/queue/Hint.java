package dev.sluice.queue;

import java.util.Optional;

/**
 * Says where to look now instead of at the next sweep. A lost hint costs time, nothing else.
 *
 * @param function the lane's; empty when the partition's inbox is meant
 */
public record Hint(Partition partition, Optional<String> function) {

    /** The message that says that the inbox of {@code partition} has something. */
    public static String inbox(Partition partition) {
        return "i " + partition.tag();
    }

    /** The message that says that the lane of {@code function} has something. */
    public static String task(Partition partition, String function) {
        return "t " + partition.tag() + " " + function;
    }

    static Optional<Hint> parse(String message) {
        String[] words = message.split(" ", 3);
        try {
            return switch (words[0]) {
                case "i" -> Optional.of(new Hint(Partition.parse(words[1]), Optional.empty()));
                case "t" -> Optional.of(new Hint(Partition.parse(words[1]), Optional.of(words[2])));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
