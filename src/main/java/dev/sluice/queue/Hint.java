package dev.sluice.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * Says where to look now instead of at the next sweep. A lost hint costs time, nothing else.
 *
 * @param kind what is meant
 * @param name the lane's function, the attempt that nobody wants any more ({@link Task#attemptId}), or the ms since
 *     1970 at which a timer is due; else empty
 */
public record Hint(Partition partition, Kind kind, String name) {

    public enum Kind {
        INBOX,
        TASK,
        ABORT,
        DUE
    }

    /** The message that says that the inbox of {@code partition} has something. */
    public static String inbox(Partition partition) {
        return "i " + partition.tag();
    }

    /** The message that says that the lane of {@code function} has something. */
    public static String task(Partition partition, String function) {
        return "t " + partition.tag() + " " + function;
    }

    /** The message that says that nobody wants this attempt any more. */
    public static String abort(Partition partition, String run, String step, int attempt) {
        return "x " + partition.tag() + " " + Task.attemptId(run, step, attempt);
    }

    /** The message that says that a timer of {@code partition} is due at that time. */
    public static String due(Partition partition, Instant at) {
        return "d " + partition.tag() + " " + at.toEpochMilli();
    }

    static Optional<Hint> parse(String message) {
        String[] words = message.split(" ", 3);
        try {
            return switch (words[0]) {
                case "i" -> Optional.of(new Hint(Partition.parse(words[1]), Kind.INBOX, ""));
                case "t" -> Optional.of(new Hint(Partition.parse(words[1]), Kind.TASK, words[2]));
                case "x" -> Optional.of(new Hint(Partition.parse(words[1]), Kind.ABORT, words[2]));
                case "d" ->
                    Optional.of(
                            new Hint(Partition.parse(words[1]), Kind.DUE, String.valueOf(Long.parseLong(words[2]))));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
