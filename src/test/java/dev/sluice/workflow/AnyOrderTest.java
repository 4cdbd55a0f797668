package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random documents under random deliveries: results in any order, twice, late, and failures that pass. Seeded, so that
 * a failure is found again: the message names the seed of the document.
 */
class AnyOrderTest {
    private static final int DOCUMENTS = 60;
    private static final int ORDERS = 5;
    private static final int EVENTS_MAX = 2_000;

    /** What a delivery made of the run so far: events that are to come, in no order, and those that may come again. */
    private static final class World {
        private final Definition definition;
        private final Machine machine =
                new Machine(new RetryPolicy(1_000, java.time.Duration.ZERO, 1, java.time.Duration.ZERO));
        private final RandomGenerator random;
        private final List<Event> due = new ArrayList<>();
        private final List<Event> seen = new ArrayList<>();
        private Run run;

        World(Definition definition, RandomGenerator random) {
            this.definition = definition;
            this.random = random;
            this.run = Machine.accept(definition, "r", Trial.json("{n: 1}"), Trial.T0);
            due.add(new Event.RunStarted(Trial.T0));
        }

        JsonNode finish() {
            for (int i = 0; i < EVENTS_MAX && !due.isEmpty(); i++) {
                take(due.remove(random.nextInt(due.size())));
                if (random.nextInt(3) == 0) takeAgain();
                if (!run.status().isFinal()) assertNothingIsWedged();
            }
            if (run.state() instanceof RunState.Succeeded done) return done.output();
            throw new AssertionError("not finished: " + run);
        }

        private void take(Event event) {
            Transition transition = machine.advance(definition, run, event);
            run = transition.run();
            seen.add(event);
            for (Effect effect : transition.effects()) {
                switch (effect) {
                    case Effect.EnqueueTask task -> due.add(result(task));
                    case Effect.SetTimer timer -> due.add(timer.event());
                }
            }
        }

        /** A second delivery, of now or long ago: nothing changes. */
        private void takeAgain() {
            Transition again = machine.advance(definition, run, seen.get(random.nextInt(seen.size())));
            assertThat(again.run()).isSameAs(run);
            assertThat(again.effects()).isEmpty();
        }

        /** A function of the arguments alone; one time in four the attempt is lost on the way. */
        private Event result(Effect.EnqueueTask task) {
            Instant at = Trial.T0;
            if (random.nextInt(4) == 0) {
                return new Event.StepFailed(task.step(), task.attempt(), Trial.passing(), Usage.NONE, at, at);
            }
            JsonNode output = JsonNodeFactory.instance.objectNode().put("f", task.function() + task.arguments());
            return new Event.StepSucceeded(task.step(), task.attempt(), output, Usage.NONE, at, at);
        }

        /** Every step that waits for the outside has exactly one task or timer that will move it. */
        private void assertNothingIsWedged() {
            var waiting = run.steps().entrySet().stream()
                    .filter(s -> s.getValue() instanceof StepState.Queued || s.getValue() instanceof StepState.Backoff)
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
            assertThat(waiting).isNotEmpty();
            assertThat(due.stream().map(World::step).sorted()).isEqualTo(waiting);
        }

        private static String step(Event event) {
            return switch (event) {
                case Event.RunStarted e -> "";
                case Event.StepSucceeded e -> e.step();
                case Event.StepFailed e -> e.step();
                case Event.BackoffElapsed e -> e.step();
            };
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theOrderOfEventsAndTheirRepetitionDoNotChangeTheOutput(long seed) {
        for (long document = seed * 1_000; document < seed * 1_000 + DOCUMENTS; document++) {
            Definition definition = RandomDocument.next(new Random(document));
            JsonNode first = new World(definition, new Random(0)).finish();
            for (int order = 1; order < ORDERS; order++) {
                JsonNode other = new World(definition, new Random(order)).finish();
                assertThat(other)
                        .as("document %d: %s", document, definition.source())
                        .isEqualTo(first);
            }
        }
    }
}
