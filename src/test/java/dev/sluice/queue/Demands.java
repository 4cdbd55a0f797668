package dev.sluice.queue;

/** Makes what other packages' tests need. */
public final class Demands {
    private Demands() {}

    public static Demand of(RealRedis redis) {
        return new Demand(redis.link, redis.partitions);
    }
}
