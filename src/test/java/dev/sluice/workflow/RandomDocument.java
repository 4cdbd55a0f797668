package dev.sluice.workflow;

import java.util.random.RandomGenerator;

/**
 * Documents of all kinds of steps, nested, as JSON, whose outcome depends on no order of events: nothing exports inside
 * a fork, all branches of a race give the same, and a handler does not look at its error. Functions {@code f0} to
 * {@code f2} succeed, {@code bad} may fail for good, {@code never} does not answer.
 */
final class RandomDocument {
    private static final int DEPTH_MAX = 3;
    private static final int CHILDREN_MAX = 3;

    private static final String USE = """
            use:
              functions: { twice: { do: [ { a: { call: f0, metadata: { attemptsMax: 1000 } } }, { b: { call: f1, metadata: { attemptsMax: 1000 } } } ] } }
              extensions:
                - around: { extend: emit, before: [ { note: { set: { noted: true } } } ], after: [ { ask: { call: f2, metadata: { attemptsMax: 1000 } } } ] }
            """;

    /** @param parallel inside a fork; @param sure nothing may fail, as in a race */
    private record Place(int depth, boolean parallel, boolean sure) {
        Place deeper() {
            return new Place(depth + 1, parallel, sure);
        }

        Place branch(boolean race) {
            return new Place(depth + 1, true, sure || race);
        }
    }

    private final RandomGenerator random;
    private int steps;

    private RandomDocument(RandomGenerator random) {
        this.random = random;
    }

    static Definition next(RandomGenerator random) {
        var document = new RandomDocument(random);
        return Trial.read(USE + "do: " + document.children(new Place(0, false, false))
                + "\noutput: { as: '${ { out: ., context: $context } }' }");
    }

    private String children(Place place) {
        return children(place, true);
    }

    /** @param ordered one after the other, so that one may lead to a later one */
    private String children(Place place, boolean ordered) {
        int count = random.nextInt(place.depth() == 0 ? 1 : 0, CHILDREN_MAX + 1);
        int first = steps;
        steps += count;
        var list = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            String later = ordered && i + 1 < count ? "s" + random.nextInt(first + i + 1, first + count) : "exit";
            list.append(i == 0 ? "" : ", ")
                    .append("{ s")
                    .append(first + i)
                    .append(": ")
                    .append(step(place, later))
                    .append(" }");
        }
        return list.append("]").toString();
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private String step(Place place, String later) {
        String kind = place.depth() == DEPTH_MAX || chance(2) ? leaf(place, later) : holder(place);
        var step = new StringBuilder("{ ").append(kind);
        if (chance(6)) step.append(", if: '${ tostring | length % 3 != 0 }'");
        if (chance(8)) step.append(", input: { from: '${ { shaped: (tostring | length) } }' }");
        boolean shaped = kind.startsWith("fork: { compete") || kind.startsWith("listen");
        if (!shaped && chance(8))
            step.append(", output: { as: '${ { made: (tostring | length), from: ($input | tostring | length) } }' }");
        if (chance(6) && !place.parallel()) step.append(", export: { as: '${ [$context, (tostring | length)] }' }");
        if (chance(8) && !kind.startsWith("call: never")) step.append(", timeout: { after: P300D }");
        if (chance(12) && !kind.startsWith("switch")) step.append(", then: ").append(later);
        return step.append(" }").toString();
    }

    private String leaf(Place place, String later) {
        return switch (random.nextInt(place.sure() ? 8 : 11)) {
            case 0 -> "set: { k: " + random.nextInt(9) + ", was: '${ tostring | length }' }";
            case 1, 2 -> "call: f" + random.nextInt(3) + ", with: { of: '${ tostring | length }' }" + limits();
            case 3 -> "wait: PT" + random.nextInt(0, 3) + "S";
            case 4 ->
                "emit: { event: { with: { id: i, time: '2026-01-01T00:00:00Z', source: 'https://s', type: t, data: '${ tostring | length }' } } }";
            case 5 ->
                "switch: [ { a: { when: '${ tostring | length % 2 == 0 }', then: " + later
                        + " } }, { b: { then: continue } } ]";
            case 6 -> listen(place);
            case 7 ->
                chance(2)
                        ? "call: twice"
                        : "run: { workflow: { namespace: n, name: ok, version: '1.0.0' }, await: " + chance(2) + " }";
            case 8 -> "call: bad" + limits();
            case 9 -> "raise: { error: { type: 'https://e', status: 500 } }";
            default -> "call: never, timeout: { after: PT5S }";
        };
    }

    private String limits() {
        return switch (random.nextInt(4)) {
            case 0 -> ", metadata: { attemptsMax: 1000, scheduleToStart: PT5S, startToClose: PT9S }";
            case 1 -> ", metadata: { attemptsMax: 1000, heartbeat: PT4S }";
            default -> ", metadata: { attemptsMax: 1000 }";
        };
    }

    private String listen(Place place) {
        String type = "e" + steps++;
        String filter = "{ with: { type: " + type + " } }";
        return switch (random.nextInt(5)) {
            case 0 -> "listen: { to: { one: " + filter + " } }";
            case 1 -> "listen: { to: { all: [ " + filter + ", { with: { type: " + type + "b } } ] } }";
            case 2 -> "listen: { to: { any: [ " + filter + " ], until: '${ length >= 2 }' } }";
            case 3 -> "listen: { to: { any: [ " + filter + " ] } }, foreach: { do: " + children(place.deeper()) + " }";
            default ->
                "listen: { to: { any: [ " + filter + " ], until: '${ length >= 2 }' } }, foreach: { do: "
                        + children(place.deeper()) + ", output: { as: '${ 1 }' } }, output: { as: '${ 2 }' }";
        };
    }

    private String holder(Place place) {
        return switch (random.nextInt(6)) {
            case 0 -> "do: " + children(place.deeper());
            case 1 -> "fork: { branches: " + children(place.branch(false), false) + " }";
            case 2 ->
                "fork: { compete: true, branches: " + children(place.branch(true), false)
                        + " }, output: { as: '${ 3 }' }";
            case 3 ->
                "for: { in: '[range(" + (chance(5) ? 120 : random.nextInt(4)) + ")]' }"
                        + (chance(4) ? ", while: '$index < 2'" : ", while: '$index < 110'")
                        + ", do: [ { r" + steps++ + ": { set: { n: '${ tostring | length + $item }' } } } ]";
            case 4 -> "for: { in: '[range(" + random.nextInt(4) + ")]' }, do: " + children(place.deeper());
            default -> attempt(place);
        };
    }

    private String attempt(Place place) {
        var inside = new Place(place.depth() + 1, place.parallel(), false);
        String retry =
                switch (random.nextInt(4)) {
                    case 0 -> "retry: { delay: PT1S, limit: { attempt: { count: 2, duration: P300D } } }, ";
                    case 1 -> "retry: { limit: { attempt: { count: 1 } } }, ";
                    default -> "";
                };
        if (!place.sure() && chance(3)) retry = "errors: { with: { type: 'urn:sluice:cancelled' } }, " + retry;
        return "try: " + children(inside) + ", catch: { " + retry + "do: " + children(place.deeper()) + " }";
    }
}
