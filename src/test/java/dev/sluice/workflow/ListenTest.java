package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The DSL reference, "Listen", "Event Consumption Strategy", "Event Filter", "Correlation", "Subscription Iterator".
 */
class ListenTest {
    private static final String HEAD = "specversion: '1.0', id: 'i', source: 'https://s'";

    private static Trial listening(String listen) {
        return Trial.started("do: [ { hear: { listen: " + listen + " } } ]", "{n: 7}");
    }

    private static String event(String type, String more) {
        return "{" + HEAD + ", type: '" + type + "'" + more + "}";
    }

    private static String data(String type, String data) {
        return event(type, ", data: " + data);
    }

    @Test
    void oneTakesTheFirstEventThatPassesAndGivesAnArrayOfItsData() {
        var trial = listening("{ to: { one: { with: { type: a } } } }");
        Run before = trial.run;
        assertThat(trial.event(data("b", "1")).run.steps()).isEqualTo(before.steps());
        assertThat(trial.event(data("a", "{x: 1}")).output()).isEqualTo(json("[{x: 1}]"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void theRunIsSubscribedToWhatTheFiltersName() {
        var trial = listening(
                "{ to: { any: [ { with: { type: a } }, { with: { type: 'b.*' } }, { with: { source: 'https://s' } } ] } }");
        assertThat(trial.last(Effect.Subscribe.class))
                .isEqualTo(new Effect.Subscribe("/do/0/hear", List.of(Topic.of("a"), Topic.of(Topic.ANY_TYPE))));
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void anyTakesTheFirstThatPassesOneOfTheFilters() {
        var trial = listening("{ to: { any: [ { with: { type: a } }, { with: { type: b } } ] } }");
        assertThat(trial.event(data("b", "2")).output()).isEqualTo(json("[2]"));
    }

    @Test
    void anyOfNothingTakesEverything() {
        assertThat(listening("{ to: { any: [] } }").event(data("whatever", "3")).output())
                .isEqualTo(json("[3]"));
    }

    @Test
    void allWaitsForOneOfEachInWhateverOrder() {
        var trial = listening("{ to: { all: [ { with: { type: a } }, { with: { type: b } } ] } }");
        trial.event(data("b", "'b'")).event(data("b", "'second'"));
        assertThat(trial.event(data("a", "'a'")).output()).isEqualTo(json("['b', 'a']"));
    }

    @Test
    void anyUntilAConditionCollects() {
        var trial = listening("{ to: { any: [ { with: { type: a } } ], until: '( . | length ) >= 3' } }");
        trial.event(data("a", "1")).event(data("a", "2"));
        assertThat(trial.event(data("a", "3")).output()).isEqualTo(json("[1, 2, 3]"));
    }

    @Test
    void anyUntilAnEventCollectsWithoutThatOne() {
        var trial = listening("{ to: { any: [ { with: { type: a } } ], until: { one: { with: { type: stop } } } } }");
        trial.event(data("a", "1")).event(data("a", "2"));
        assertThat(trial.event(data("stop", "'s'")).output()).isEqualTo(json("[1, 2]"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void anyUntilAllOfSeveralEvents() {
        var trial = listening(
                "{ to: { any: [ { with: { type: a } } ], until: { all: [ { with: { type: x } }, { with: { type: y } } ] } } }");
        trial.event(data("x", "0")).event(data("a", "1"));
        assertThat(trial.event(data("y", "0")).output()).isEqualTo(json("[1]"));
    }

    @Test
    void anEventThatBothStopsAndPassesOnlyStops() {
        var trial = listening("{ to: { any: [], until: { one: { with: { type: stop } } } } }");
        trial.event(data("a", "1"));
        assertThat(trial.event(data("stop", "2")).output()).isEqualTo(json("[1]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "data | { x: 1 }",
                "envelope | {specversion: '1.0', id: 'i', source: 'https://s', type: 'a', data: {x: 1}}",
                "raw | 'eyJ4IjoxfQ=='"
            })
    void whatIsReadOfAnEventIsForTheAuthorToSay(String read, String item) {
        var trial = listening("{ to: { any: [] }, read: " + read + " }").event(data("a", "{x: 1}"));
        assertThat(trial.output()).isEqualTo(json("[" + item + "]"));
    }

    @Test
    void anEventWithoutDataReadsAsNull() {
        assertThat(listening("{ to: { any: [] } }").event(event("a", "")).output())
                .isEqualTo(json("[null]"));
    }

    @Test
    void binaryDataReadsAsBase64() {
        String binary = event("a", ", data_base64: 'AQID'");
        assertThat(listening("{ to: { any: [] } }").event(binary).output()).isEqualTo(json("['AQID']"));
        assertThat(listening("{ to: { any: [] }, read: raw }").event(binary).output())
                .isEqualTo(json("['AQID']"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{ type: a } ; true",
                "{ type: 'a|b' } ; true",
                "{ type: '${ startswith(\"a\") }' } ; true",
                "{ type: '${ startswith(\"b\") }' } ; false",
                "{ source: 'https://.*' } ; true",
                "{ source: 'https://t' } ; false",
                "{ subject: s } ; false",
                "{ type: a, data: '${ .x > 0 }' } ; true",
                "{ type: a, data: '${ .x > 1 }' } ; false",
                "{ type: a, data: { x: 1 } } ; true",
                "{ type: a, data: '${ .x == $input.n - 6 }' } ; true",
                "{ type: a, priority: high } ; true",
                "{ type: a, priority: '${ . == \"low\" }' } ; false"
            })
    void aFilterNamesAttributesByTextPatternOrExpression(String with, boolean passes) {
        var trial = listening("{ to: { one: { with: " + with + " } } }");
        trial.event(event("a", ", priority: 'high', data: {x: 1}"));
        assertThat(trial.run.status() == RunStatus.SUCCEEDED).isEqualTo(passes);
    }

    @Test
    void aFilterOfAnotherTypeFailedOnAnEventThatItWasNotFor() {
        var trial =
                listening("{ to: { any: [ { with: { type: a, data: '${ .x.y.z > 0 }' } }, { with: { type: b } } ] } }");
        assertThat(trial.event(data("b", "{x: 'text'}")).output()).isEqualTo(json("[{x: 'text'}]"));
    }

    @Test
    void aFilterThatFailsOnItsOwnEventFailsTheStep() {
        var trial = listening("{ to: { one: { with: { type: a, data: '${ .x.y > 0 }' } } } }");
        assertThat(trial.event(data("a", "{x: 'text'}")).failure().step()).isEqualTo("/do/0/hear");
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aFailedRunWentOnInAnotherBranchThatTookTheSameEvent() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { listen: { to: { one: { with: { type: t, data: '${ .x.y }' } } } } }
                          - b: { do: [ { hear: { listen: { to: { one: { with: { type: t } } } } } }, { next: { call: f } } ] }
                """, "{}");
        trial.event(data("t", "{x: 'text'}"));
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void anEventReachesEveryStepThatListensForIt() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { listen: { to: { one: { with: { type: t } } } } }
                          - b: { listen: { to: { any: [] } } }
                """, "{}");
        assertThat(trial.event(data("t", "1")).output()).isEqualTo(json("[[1], [1]]"));
    }

    @Test
    void anEventForOneStepAloneIsNotForTheOthers() {
        var trial = Trial.started("""
                do:
                  - both: { fork: { branches: [ { a: { listen: { to: { any: [] } } } }, { b: { listen: { to: { any: [] } } } } ] } }
                """, "{}");
        String b = "/do/0/both/fork/branches/1/b";
        trial.take(new Event.EventArrived(Trial.value(data("t", "1")), false, b, trial.now));
        assertThat(Machine.leaves(trial.run)).containsExactly("/do/0/both/fork/branches/0/a");
    }

    @Test
    void correlationByAValueThatIsKnownIsPartOfTheSubscription() {
        var trial = listening(
                "{ to: { one: { with: { type: a }, correlate: { order: { from: .data.order, expect: '${ .n }' } } } } }");
        Topic topic = trial.last(Effect.Subscribe.class).topics().getFirst();
        assertThat(topic).isEqualTo(Topic.of("a", "[\".data.order\"]", List.of(json("7"))));
        trial.event(data("a", "{order: 8}"));
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
        assertThat(trial.event(data("a", "{order: 7}")).output()).isEqualTo(json("[{order: 7}]"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"'7' | 7", "7 | '7'", "'seven' | 'seven'"})
    void aNumberAndItsTextAreTheSameCorrelationValue(String expected, String sent) {
        var trial = Trial.started(
                "do: [ { hear: { listen: { to: { one: { with: { type: a }, correlate: { o: { from: .data.o, expect: '${ .n }' } } } } } } } ]",
                "{n: " + expected + "}");
        assertThat(trial.event(data("a", "{o: " + sent + "}")).run.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void withoutAnExpectationTheFirstEventSetsTheCorrelation() {
        String filter = "{ with: { type: %s }, correlate: { room: { from: .roomid } } }";
        var trial = listening(
                "{ to: { all: [ " + filter.formatted("temperature") + ", " + filter.formatted("humidity") + " ] } }");
        trial.event(event("temperature", ", roomid: 'r1', data: 20"))
                .event(event("humidity", ", roomid: 'r2', data: 60"));
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
        assertThat(trial.event(event("humidity", ", roomid: 'r1', data: 50")).output())
                .isEqualTo(json("[20, 50]"));
    }

    @Test
    void anEventWithoutTheCorrelationValueDoesNotPass() {
        var trial = listening("{ to: { one: { with: { type: a }, correlate: { room: { from: .roomid } } } } }");
        assertThat(trial.event(data("a", "1")).run.status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void foreachWorksOffOneEventAfterTheOther() {
        var trial = Trial.started("""
                do:
                  - hear:
                      listen: { to: { any: [ { with: { type: a } } ], until: '. | length == 2' } }
                      foreach:
                        item: message
                        at: i
                        do: [ { work: { call: f, with: { m: '${ $message }', i: '${ $i }', dot: '${ . }' } } } ]
                """, "{}");
        trial.event(data("a", "'one'")).event(data("a", "'two'")).event(data("a", "'three'"));
        assertThat(trial.outside.tasks).hasSize(1);
        assertThat(trial.arguments("/do/0/hear/foreach/do/0/work")).isEqualTo(json("{m: 'one', i: 0, dot: 'one'}"));
        trial.succeed("1");
        assertThat(trial.arguments("/do/0/hear/foreach/do/0/work#1")).isEqualTo(json("{m: 'two', i: 1, dot: 'two'}"));
        assertThat(trial.succeed("2").output()).isEqualTo(json("[1, 2]"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void whatCameWhileAnEventWasWorkedOffIsNotTakenWhenThatOneWasTheLast() {
        var trial = Trial.started("""
                do:
                  - hear:
                      listen: { to: { any: [ { with: { type: a } } ], until: '. | length == 1' } }
                      foreach: { do: [ { work: { call: f } } ] }
                """, "{}");
        trial.event(data("a", "1")).event(data("a", "2"));
        assertThat(trial.succeed("'done'").output()).isEqualTo(json("['done']"));
    }

    @Test
    void theWaitingEventsAreWorkedOffWhenTheStoppingOneHasCome() {
        var trial = Trial.started("""
                do:
                  - hear:
                      listen: { to: { any: [ { with: { type: a } } ], until: { one: { with: { type: stop } } } } }
                      foreach: { do: [ { work: { call: f } } ] }
                """, "{}");
        trial.event(data("a", "1"))
                .event(data("a", "2"))
                .event(data("stop", "0"))
                .event(data("a", "3"));
        assertThat(trial.succeed("'1'").succeed("'2'").output()).isEqualTo(json("['1', '2']"));
    }

    @Test
    void foreachShapesAndExportsEachItem() {
        var trial = Trial.started("""
                do:
                  - hear:
                      listen: { to: { any: [ { with: { type: a } } ], until: '$context.sum >= 5' } }
                      foreach:
                        output: { as: '${ . * 10 }' }
                        export: { as: '${ { sum: ($context.sum + $item), last: . } }' }
                """, "{}");
        trial.event(data("a", "2")).event(data("a", "3"));
        assertThat(trial.output()).isEqualTo(json("[20, 30]"));
        assertThat(trial.context()).isEqualTo(json("{sum: 5, last: 30}"));
    }

    @Test
    void aSchemaOfForeachWasNotChecked() {
        var trial = Trial.started("""
                do:
                  - hear:
                      listen: { to: { any: [ { with: { type: a } } ], until: 'false' } }
                      foreach: { output: { schema: { format: json, document: { type: number } } } }
                """, "{}");
        assertThat(trial.event(data("a", "1")).event(data("a", "'x'")).problem().code())
                .isEqualTo("SL4008");
    }

    @Test
    void anErrorInForeachIsTheListensAndCanBeCaught() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try:
                        - hear: { listen: { to: { any: [], until: 'false' } }, foreach: { do: [ { x: { raise: { error: { type: 'https://e', status: 500 } } } } ] } }
                      catch: { do: [ { told: { set: '${ $error.instance }' } } ] }
                """, "{}");
        assertThat(trial.event(data("a", "1")).output()).isEqualTo(json("'/do/0/guarded/try/0/hear/foreach/do/0/x'"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void anEventThatComesAfterTheEndChangesNothing() {
        var trial = Trial.started("do: [ { hear: { listen: { to: { any: [] } } } }, { next: { call: f } } ]", "{}");
        trial.event(data("a", "1"));
        assertThat(trial.event(data("a", "2")).run.steps()).containsOnlyKeys("/do", "/do/1/next");
    }

    @Test
    void aPersonIsAskedByAnEvent() {
        var trial = Trial.started("""
                do:
                  - approve:
                      listen: { to: { one: { with: { type: com.example.answer } } } }
                      timeout: { after: PT1H }
                      metadata: { approval: { question: '${ "Pay \\(.n)?" }' } }
                """, "{n: 7}");
        assertThat(trial.last(Effect.EmitEvent.class).event().get("data")).isEqualTo(json("""
                {run: 'default.local.0-00000000000000000000000000', workflow: 'trial', step: '/do/0/approve',
                 answerType: 'com.example.answer', deadline: '2026-01-01T01:00:00Z', request: {question: 'Pay 7?'}}"""));
    }
}
