package dev.sluice.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Asks for tasks of one function.
 *
 * @param fencingToken under which the dispatcher has the partition; 0: it is not asked for
 * @param count how many at most, 1 to {@link #COUNT_MAX}
 * @param lease how long they stay with the consumer without a heartbeat
 * @param known lanes that are likely to be next: {@link Taken#next} of the last time
 * @param room how many more each tenant may have while others wait
 * @param contested another tenant waits elsewhere for the same function
 */
public record Ask(
        Partition partition,
        String function,
        String consumer,
        long fencingToken,
        int count,
        Duration lease,
        Instant now,
        List<LaneName> known,
        ToIntFunction<String> room,
        boolean contested) {
    /** 512: a reply of more would hold up others in Redis; windows are smaller. */
    public static final int COUNT_MAX = 512;

    /** Whatever is there, up to {@code count}. */
    public static Ask any(Partition partition, String function, String consumer, int count, Instant now) {
        return new Ask(
                partition,
                function,
                consumer,
                0,
                Math.min(count, COUNT_MAX),
                Duration.ofSeconds(15),
                now,
                List.of(),
                tenant -> count,
                false);
    }

    /** What is still wanted after these. */
    Ask after(List<Delivery> taken, List<LaneName> known) {
        ToIntFunction<String> left = tenant -> room.applyAsInt(tenant)
                - (int) taken.stream().filter(d -> d.tenant().equals(tenant)).count();
        return new Ask(
                partition, function, consumer, fencingToken, count - taken.size(), lease, now, known, left, contested);
    }
}
