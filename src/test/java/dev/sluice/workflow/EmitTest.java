package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The DSL reference, "Emit" and "Event Properties". */
class EmitTest {
    private static final String EMIT = """
            do:
              - tell:
                  emit:
                    event:
                      with:
                        source: https://shop.example
                        type: com.example.order.placed.v1
                        data: { order: '${ .id }' }
            """;

    private static List<String> ids(Trial trial) {
        return trial.effects(Effect.EmitEvent.class).stream()
                .map(emit -> emit.event().path("id").asText())
                .toList();
    }

    @Test
    void theEventIsACloudEventWithAllThatMustBeThere() {
        var trial = Trial.started(EMIT, "{id: 7}");
        assertThat(trial.last(Effect.EmitEvent.class).event()).isEqualTo(json("""
                        {specversion: '1.0', id: 'default.local.0-00000000000000000000000000:/do/0/tell',
                         time: '2026-01-01T00:00:00Z', source: 'https://shop.example',
                         type: 'com.example.order.placed.v1', data: {order: 7}, datacontenttype: 'application/json'}"""));
    }

    @Test
    void theOutputIsTheEvent() {
        var trial = Trial.started(EMIT, "{id: 7}");
        assertThat(trial.output()).isEqualTo(trial.last(Effect.EmitEvent.class).event());
    }

    @Test
    void whatTheAuthorWritesGoesBeforeWhatWouldBeThereOtherwise() {
        var trial = Trial.started("""
                do:
                  - tell:
                      emit:
                        event:
                          with: { id: mine, source: 'https://s', type: t, time: '2020-02-02T00:00:00Z', subject: s, priority: high, datacontenttype: text/plain, data: hello }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("""
                        {specversion: '1.0', id: 'mine', time: '2020-02-02T00:00:00Z', source: 'https://s', type: 't',
                         subject: 's', priority: 'high', datacontenttype: 'text/plain', data: 'hello'}"""));
    }

    @Test
    void anEventWithoutDataSaysNothingAboutItsType() {
        var trial = Trial.started(
                "do: [ { tell: { emit: { event: { with: { source: 'https://s', type: t } } } } } ]", "{}");
        assertThat(trial.output().has("datacontenttype")).isFalse();
    }

    @Test
    void everyRoundOfALoopEmitsAnEventWithAnIdOfItsOwn() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2, 3]' }
                      do: [ { tell: { emit: { event: { with: { source: 'https://s', type: t, data: '${ $item }' } } } } } ]
                """, "{}");
        assertThat(ids(trial)).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void theSameTransitionMadeAgainEmitsTheSameEvent() {
        assertThat(Trial.started(EMIT, "{id: 7}").effects).isEqualTo(Trial.started(EMIT, "{id: 7}").effects);
    }
}
