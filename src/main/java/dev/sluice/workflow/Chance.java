package dev.sluice.workflow;

/**
 * A number that looks drawn by lot and is the same whenever it is drawn for the same thing, because the machine must
 * decide the same for the same event.
 */
final class Chance {
    private Chance() {}

    /** 0 (included) to 1 (excluded), evenly spread: the mixing function of SplitMix64 over the words' hashes. */
    static double of(String run, String step, int attempt) {
        long z = (((long) run.hashCode() << 32) ^ step.hashCode()) + 0x9E3779B97F4A7C15L * (attempt + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }
}
