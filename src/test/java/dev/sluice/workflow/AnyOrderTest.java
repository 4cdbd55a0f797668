package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random documents under random deliveries, see {@link World}. Seeded, so that a failure is found again: the message
 * names the seed of the document.
 */
class AnyOrderTest {
    private static final int DOCUMENTS = Integer.getInteger("sluice.test.documents", 120);
    private static final int ORDERS = 4;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theOrderOfEventsTheirRepetitionAndTheirLossDoNotChangeTheOutcome(long seed) {
        for (long document = seed * 100_000; document < seed * 100_000 + DOCUMENTS; document++) {
            Definition definition = RandomDocument.next(new Random(document));
            try {
                String first = World.started(definition, new Random(0)).finish();
                for (int order = 1; order < ORDERS; order++) {
                    assertThat(World.started(definition, new Random(order)).finish())
                            .isEqualTo(first);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("document " + document + ":\n" + definition.source(), e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void aRunThatIsResetOrForkedAtAnyStepEndsAsItDid(long seed) {
        int gone = 0;
        for (long document = seed * 100_000; document < seed * 100_000 + DOCUMENTS; document++) {
            Definition definition = RandomDocument.next(new Random(document));
            World world = World.started(definition, new Random(document));
            try {
                String end = world.finish();
                for (String step : world.entered.stream().distinct().limit(6).toList()) {
                    Optional<Machine.Rewound> target =
                            world.machine.rewind(world.definition, world.accepted, world.taken, step);
                    // Given up in the transition that had entered it: by a race that it lost.
                    if (target.isEmpty()) continue;
                    assertThat(reset(world, target.get(), step))
                            .as("reset to %s", step)
                            .isEqualTo(end);
                    assertThat(fork(world, target.get(), step))
                            .as("fork from %s", step)
                            .isEqualTo(end);
                    gone++;
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("document " + document + ":\n" + definition.source(), e);
            }
        }
        assertThat(gone).isGreaterThan(2 * DOCUMENTS);
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void aRunThatIsCancelledAtAnyMomentEndsAndLeavesNothingBehind(long seed) {
        for (long document = seed * 100_000; document < seed * 100_000 + DOCUMENTS; document++) {
            Definition definition = RandomDocument.next(new Random(document));
            try {
                for (int moment = 1; moment < 40; moment += 3) {
                    World world = World.started(definition, new Random(moment)).go(moment);
                    if (world.run.status().isFinal()) break;
                    world.hurry();
                    world.take(new Event.CancelRequested("", Trial.T0));
                    assertThat(world.finish()).isEqualTo("cancelled");
                    assertThat(world.run.steps()).isEmpty();
                    assertThat(world.outside.items).isEmpty();
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("document " + document + ":\n" + definition.source(), e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 9})
    void aFailedRunThatIsRetriedGoesOnFromThere(long seed) {
        int failed = 0;
        for (long document = seed * 100_000; document < seed * 100_000 + DOCUMENTS; document++) {
            Definition definition = RandomDocument.next(new Random(document));
            World world = World.started(definition, new Random(document));
            try {
                for (int times = 0; times < 3; times++) {
                    if (!world.finish().equals("failed")) break;
                    world.take(new Event.RetryRequested(Trial.T0));
                    failed++;
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("document " + document + ":\n" + definition.source(), e);
            }
        }
        assertThat(failed).isGreaterThan(DOCUMENTS / 2);
    }

    private static String reset(World world, Machine.Rewound target, String step) {
        var request = new Event.ResetRequested(step, Optional.empty(), Trial.T0);
        Transition reset = world.machine.reset(world.definition, world.run, target, request);
        var again = new World(world.definition, reset.run(), new Random(7));
        again.take(request, reset);
        return again.finish();
    }

    private static String fork(World world, Machine.Rewound target, String step) {
        Run forked = Machine.fork(target, new Event.ResetRequested(step, Optional.empty(), Trial.T0), "other");
        var again = new World(world.definition, forked, new Random(8));
        target.items().forEach(items -> again.outside.items.put(items.step(), items.chunks()));
        again.take(new Event.RearmRequested(Trial.T0));
        return again.finish();
    }
}
