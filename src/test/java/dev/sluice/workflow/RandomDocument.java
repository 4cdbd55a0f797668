package dev.sluice.workflow;

import java.util.random.RandomGenerator;

/** Documents of {@code do}, {@code fork}, {@code set} and {@code call}, nested and with conditions, as JSON. */
final class RandomDocument {
    private static final int DEPTH_MAX = 3;
    private static final int CHILDREN_MAX = 3;

    private final RandomGenerator random;
    private int steps;

    private RandomDocument(RandomGenerator random) {
        this.random = random;
    }

    static Definition next(RandomGenerator random) {
        var document = new RandomDocument(random);
        return Trial.read("do: " + document.children(0) + "\noutput: { as: '${ { out: ., context: $context } }' }");
    }

    private String children(int depth) {
        var list = new StringBuilder("[");
        int count = random.nextInt(depth == 0 ? 1 : 0, CHILDREN_MAX + 1);
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : ", ")
                    .append("{ s")
                    .append(steps++)
                    .append(": ")
                    .append(step(depth))
                    .append(" }");
        }
        return list.append("]").toString();
    }

    private String step(int depth) {
        String condition = random.nextInt(5) == 0 ? ", if: '${ tostring | length % 2 == 0 }'" : "";
        return switch (random.nextInt(depth == DEPTH_MAX ? 2 : 4)) {
            case 0 -> "{ set: { k: " + random.nextInt(9) + ", was: '${ tostring | length }' }" + condition + " }";
            case 1 -> "{ call: f" + random.nextInt(3) + ", with: { of: '${ tostring | length }' }" + condition + " }";
            case 2 -> "{ do: " + children(depth + 1) + condition + " }";
            default -> "{ fork: { branches: " + children(depth + 1) + " }" + condition + " }";
        };
    }
}
