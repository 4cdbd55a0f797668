package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "For". */
class ForTest {
    private static final String SUM = """
            do:
              - start: { set: { in: '${ .in }', sum: 0 } }
              - all:
                  for: { in: .in }
                  do: [ { add: { set: { in: '${ .in }', sum: '${ .sum + $item }', last: '${ $index }' } } } ]
            """;

    private static final String CALLS = """
            do:
              - all:
                  for: { each: page, at: n, in: .pages }
                  do: [ { read: { call: f, with: { page: '${ $page }', n: '${ $n }', was: '${ . }' } } } ]
            """;

    private static String numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void theOutputOfARoundIsTheInputOfTheNextAndTheLastOneIsTheLoops() {
        assertThat(Trial.started(SUM, "{in: [1, 2, 3]}").output()).isEqualTo(json("{in: [1, 2, 3], sum: 6, last: 2}"));
    }

    @Test
    void eachRoundIsAVisitOfItsOwn() {
        var trial = Trial.started(CALLS, "{pages: ['a', 'b', 'c']}");
        assertThat(trial.leaf()).isEqualTo("/do/0/all/do/0/read");
        trial.succeed("'1'");
        assertThat(trial.leaf()).isEqualTo("/do/0/all/do/0/read#1");
        assertThat(trial.arguments()).isEqualTo(json("{page: 'b', n: 1, was: '1'}"));
        trial.succeed("'2'");
        assertThat(trial.leaf()).isEqualTo("/do/0/all/do/0/read#2");
        assertThat(trial.succeed("'3'").output()).isEqualTo(json("'3'"));
    }

    @Test
    void theResultOfAnEarlierRoundChangesNothingInALaterOne() {
        var trial = Trial.started(CALLS, "{pages: ['a', 'b']}").succeed("1");
        Run second = trial.run;
        assertThat(trial.succeed("/do/0/all/do/0/read", 1, "2").run).isSameAs(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{pages: []}", "{pages: null}", "{}"})
    void aLoopOverNothingGivesItsInput(String input) {
        assertThat(Trial.started(CALLS, input).output()).isEqualTo(json(input));
    }

    @Test
    void nullIsAnItemLikeAnyOther() {
        var trial = Trial.started(CALLS, "{pages: [null, null]}");
        assertThat(trial.arguments().get("page").isNull()).isTrue();
        assertThat(trial.succeed("1").succeed("2").output()).isEqualTo(json("2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{pages: 'abc'}", "{pages: 7}", "{pages: {a: 1}}", "{pages: true}"})
    void aLoopOverNoArrayFailsTheStep(String input) {
        var trial = Trial.started(CALLS, input);
        assertThat(trial.failure().step()).isEqualTo("/do/0/all");
        assertThat(trial.problem().detail()).startsWith("/do/0/all/for/in gave no array but a ");
        assertThat(trial.problem().type()).isEqualTo(StandardError.EXPRESSION.type());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 99, 100, 101, 200, 201, 250, 1_050})
    void everyItemComesOnceAndInOrderWhateverTheNumberOfChunks(int count) {
        var trial = Trial.started("""
                do:
                  - start: { set: { items: '${ . }', seen: [] } }
                  - all:
                      for: { in: .items }
                      do: [ { one: { set: { items: null, seen: '${ .seen + [ $item ] }' } } } ]
                      output: { as: .seen }
                """, numbers(count));
        assertThat(trial.output()).isEqualTo(json(numbers(count)));
        assertThat(trial.outside.items).as("chunks that nobody needs any more").isEmpty();
    }

    @Test
    void aRunHoldsOneChunkOfALoopOnly() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[range(1050)]' }
                      do: [ { one: { call: f } } ]
                """, "{}");
        var loop = (StepState.InFor) trial.run.steps().get("/do/0/all");
        assertThat(loop.count()).isEqualTo(1050);
        assertThat(loop.items().tree()).hasSize(StepState.InFor.CHUNK);
        assertThat(trial.last(Effect.KeepItems.class).chunks()).hasSize(10);
    }

    @Test
    void theNextChunkIsAskedForWhenTheLastItemOfOneIsDone() {
        var trial = Trial.of(
                "do: [ { all: { for: { in: '[range(101)]' }, do: [ { s: { set: '${ $item }' } } ] } } ]", "{}");
        trial.takeAlone(new Event.RunStarted(Trial.T0));
        assertThat(trial.last(Effect.LoadItems.class)).isEqualTo(new Effect.LoadItems("/do/0/all", 1, Trial.T0));
        assertThat(trial.leaf()).isEqualTo("/do/0/all");
        trial.take(trial.outside.inbox.poll());
        assertThat(trial.output()).isEqualTo(json("100"));
    }

    @Test
    void aChunkThatWasNotAskedForChangesNothing() {
        var trial = Trial.of(
                "do: [ { all: { for: { in: '[range(250)]' }, do: [ { s: { set: '${ $item }' } } ] } } ]", "{}");
        trial.takeAlone(new Event.RunStarted(Trial.T0));
        Run waiting = trial.run;
        for (int chunk : new int[] {0, 2}) {
            trial.takeAlone(new Event.ItemsLoaded("/do/0/all", chunk, value("[7]"), Trial.T0));
        }
        assertThat(trial.run).isSameAs(waiting);
    }

    @Test
    void theSecondCopyOfAChunkChangesNothing() {
        var trial = Trial.started("do: [ { all: { for: { in: '[range(150)]' }, do: [ { s: { call: f } } ] } } ]", "{}");
        for (int i = 0; i < 100; i++) trial.succeed("1");
        Run second = trial.run;
        trial.take(new Event.ItemsLoaded("/do/0/all", 1, value("[7]"), Trial.T0));
        assertThat(trial.run).isSameAs(second);
    }

    @Test
    void whileEndsTheLoopWithTheOutputOfTheRoundBefore() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2, 3, 4]' }
                      while: .sum < 5
                      do: [ { add: { set: { sum: '${ .sum + $item }' } } } ]
                """, "{sum: 0}");
        assertThat(trial.output()).isEqualTo(json("{sum: 6}"));
    }

    @Test
    void whileSeesTheItemThatWouldComeNext() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { each: n, at: i, in: '[1, 2, 3, 4]' }
                      while: $n < 3 and $i < 9
                      do: [ { add: { set: { sum: '${ .sum + $n }' } } } ]
                """, "{sum: 0}");
        assertThat(trial.output()).isEqualTo(json("{sum: 3}"));
    }

    @Test
    void aWhileThatIsFalseAtFirstSkipsTheLoop() {
        var trial = Trial.started("""
                do: [ { all: { for: { in: '[1, 2]' }, while: 'false', do: [ { x: { call: f } } ] } } ]
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void aWhileThatEndedALongLoopLeavesNoChunksBehind() {
        var trial = Trial.started("""
                do: [ { all: { for: { in: '[range(500)]' }, while: '$index < 120', do: [ { x: { set: '${ $item }' } } ] } } ]
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("119"));
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void aWhileThatFailedInALaterRoundBroughtTheMachineDown() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2, 3]' }
                      while: '$item < 2 or error("enough")'
                      do: [ { x: { set: '${ $item }' } } ]
                """, "{}");
        assertThat(trial.failure().step()).isEqualTo("/do/0/all");
        assertThat(trial.problem().detail()).startsWith("/do/0/all/while:").contains("enough");
    }

    @Test
    void aWhileThatFailedCanBeCaughtAndLeavesNoChunksBehind() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try:
                        - all:
                            for: { in: '[range(300)]' }
                            while: '$index < 150 or error("enough")'
                            do: [ { x: { set: '${ $item }' } } ]
                      catch: { do: [ { told: { set: '${ $error.instance }' } } ] }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("'/do/0/guarded/try/0/all'"));
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void loopsInsideLoopsHaveVariablesOfTheirOwn() {
        var trial = Trial.started("""
                do:
                  - rows:
                      for: { each: row, at: y, in: '[[1, 2], [3]]' }
                      do:
                        - cells:
                            for: { each: cell, at: x, in: $row }
                            do: [ { one: { set: { seen: '${ .seen + [[ $y, $x, $cell ]] }' } } } ]
                """, "{seen: []}");
        assertThat(trial.output()).isEqualTo(json("{seen: [[0, 0, 1], [0, 1, 2], [1, 0, 3]]}"));
    }

    @Test
    void aVisitInsideLoopsInsideLoopsIsNamedByAllRounds() {
        var trial = Trial.started("""
                do:
                  - rows:
                      for: { each: row, in: '[[1, 2], [3]]' }
                      do: [ { cells: { for: { in: $row }, do: [ { one: { call: f } } ] } } ]
                """, "{}");
        String one = "/do/0/rows/do/0/cells/do/0/one";
        assertThat(trial.leaf()).isEqualTo(one);
        assertThat(trial.succeed("1").leaf()).isEqualTo(one + "#0.1");
        assertThat(trial.succeed("1").leaf()).isEqualTo(one + "#1.0");
    }

    @Test
    void theInnerVariableHidesTheOuterOneOfTheSameName() {
        var trial = Trial.started("""
                do:
                  - outer:
                      for: { in: '[[1, 2]]' }
                      do: [ { inner: { for: { in: $item }, do: [ { one: { set: '${ $item }' } } ] } } ]
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("2"));
    }

    @Test
    void theVariablesOfALoopAreGoneAfterIt() {
        var trial = Trial.started("""
                do:
                  - all: { for: { in: '[1]' }, do: [ { x: { set: { a: 1 } } } ] }
                  - last: { set: { item: '${ $item }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{item: null}"));
    }

    @Test
    void theListIsTakenOnceBeforeTheFirstRound() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: .list }
                      do: [ { one: { set: { list: [], n: '${ .n + 1 }' } } } ]
                """, "{list: [1, 2, 3], n: 0}");
        assertThat(trial.output()).isEqualTo(json("{list: [], n: 3}"));
    }

    @Test
    void aLoopWithoutStepsGivesItsInput() {
        assertThat(Trial.started("do: [ { all: { for: { in: '[1, 2]' }, do: [] } } ]", "{n: 1}")
                        .output())
                .isEqualTo(json("{n: 1}"));
    }

    @Test
    void aLoopInEachBranchOfAForkGoesItsOwnWay() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { for: { in: '[1, 2]' }, do: [ { x: { call: f } } ] }
                          - b: { for: { in: '[1]' }, do: [ { x: { call: g } } ] }
                """, "{}");
        String a = "/do/0/both/fork/branches/0/a/do/0/x";
        String b = "/do/0/both/fork/branches/1/b/do/0/x";
        trial.succeed(b, 1, "'b'").succeed(a, 1, "'a1'").succeed(a + "#1", 1, "'a2'");
        assertThat(trial.output()).isEqualTo(json("['a2', 'b']"));
    }

    @Test
    void aForkInEachRoundOfALoopJoinsThere() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2]' }
                      do:
                        - both: { fork: { branches: [ { a: { call: f } }, { b: { call: g } } ] } }
                """, "{}");
        String branches = "/do/0/all/do/0/both/fork/branches/";
        trial.succeed(branches + "1/b", 1, "'b1'").succeed(branches + "0/a", 1, "'a1'");
        trial.succeed(branches + "0/a#1", 1, "'a2'").succeed(branches + "1/b#1", 1, "'b2'");
        assertThat(trial.output()).isEqualTo(json("['a2', 'b2']"));
    }
}
