package dev.sluice.simulator;

/**
 * What befalls one arrival of a request: follows from the seed, the request and how often it has come, and from nothing
 * else. Each thing that may happen has draws of its own, so that a rate that is changed changes no other outcome.
 */
record Chance(long seed, String hash, int arrival) {
    /** True for this share of all. */
    boolean of(String what, double rate) {
        return rate > 0 && draw(what) < rate;
    }

    int pick(String what, int count) {
        return (int) (draw(what) * count);
    }

    /** 0 inclusive to 1 exclusive. */
    private double draw(String what) {
        long mixed = mix(mix(mix(seed) ^ Long.parseUnsignedLong(hash, 16)) + arrival);
        return (mix(mixed ^ what.hashCode()) >>> 11) * 0x1.0p-53;
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long value) {
        long mixed = value + 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
