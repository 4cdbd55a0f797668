package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A mark that leaves in an event could come back, and be put right for whom its sender chooses. */
class SecretsStayTest {
    private static final Secrets SECRETS =
            (name) -> Optional.of(Trial.json("'" + Secrets.MARK + name + ":0123456789abcdef0123456789abcdef}}'"));

    private static Trial started(String steps) {
        var definition = Trial.read("use: { secrets: [ key ] }\ndo: " + steps);
        return Trial.of(definition, new Machine(Trial.EVEN, SECRETS), "{}").take(new Event.RunStarted(Trial.T0));
    }

    @Test
    void anEventWithASecretIsNotEmitted() {
        var trial = started(
                "[ { e: { emit: { event: { with: { source: 'https://a.b', type: t, data: '${ $secrets.key }' } } } } } ]");
        assertThat(trial.failure().problem().type()).endsWith("/authorization");
        assertThat(trial.effects).noneMatch(Effect.EmitEvent.class::isInstance);
    }

    @Test
    void norIsOneWhoseDataGotItOnTheWay() {
        var trial = started(
                "[ { s: { set: { a: '${ $secrets.key }' } } }, { e: { emit: { event: { with: { source: 'https://a.b', type: t, data: '${ .a }' } } } } } ]");
        assertThat(trial.failure().problem().type()).endsWith("/authorization");
    }

    @Test
    void norIsAPersonAskedWithOne() {
        var trial = started(
                "[ { l: { metadata: { approval: { key: '${ $secrets.key }' } }, listen: { to: { one: { with: { type: t } } } } } } ]");
        assertThat(trial.failure().problem().type()).endsWith("/authorization");
    }
}
