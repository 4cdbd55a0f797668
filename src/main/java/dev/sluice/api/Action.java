package dev.sluice.api;

import dev.sluice.store.RunHead;
import dev.sluice.store.RunHead.Phase;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RunStatus;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a person asks of a run, and from which states it is possible. Asking for what is so already is no error. */
enum Action {
    CANCEL(EnumSet.of(Phase.ACCEPTED, Phase.RUNNING, Phase.PAUSED, Phase.CANCELLING)),
    KILL(EnumSet.of(Phase.ACCEPTED, Phase.RUNNING, Phase.PAUSED, Phase.CANCELLING)),
    PAUSE(EnumSet.of(Phase.ACCEPTED, Phase.RUNNING, Phase.PAUSED)),
    RESUME(EnumSet.of(Phase.PAUSED)),
    RETRY(EnumSet.of(Phase.FAILED)),
    /** Also one that failed, so that a corrected revision can be retried. */
    MOVE(EnumSet.of(Phase.ACCEPTED, Phase.RUNNING, Phase.PAUSED, Phase.CANCELLING, Phase.FAILED)),
    RESET(EnumSet.complementOf(EnumSet.of(Phase.ACCEPTED))),
    FORK(EnumSet.allOf(Phase.class)),
    SIGNAL(EnumSet.of(Phase.ACCEPTED, Phase.RUNNING, Phase.PAUSED, Phase.CANCELLING));

    private final EnumSet<Phase> from;

    Action(EnumSet<Phase> from) {
        this.from = from;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Empty when it is not one that a person asks by name. */
    static Optional<Action> of(String word) {
        return Arrays.stream(values())
                .filter(action -> action != SIGNAL && action.word().equals(word))
                .findFirst();
    }

    static String words() {
        return Arrays.stream(values())
                .filter(action -> action != SIGNAL)
                .map(Action::word)
                .collect(Collectors.joining(", "));
    }

    /** @throws ProblemException SL2019 saying where the run stands and what is possible instead */
    void check(RunHead run) {
        if (from.contains(run.phase())) return;
        throw Problem.of(
                        Code.SL2019,
                        "cannot " + word() + " run " + run.id() + ": " + standing(run) + ". "
                                + advice(run.phase(), "/v1/runs/" + run.id()))
                .asException();
    }

    /** Where the run stands, as half a sentence. */
    static String standing(RunHead run) {
        String since = run.endedAt().map(at -> " at " + at).orElse("");
        return switch (run.phase()) {
            case ACCEPTED -> "it has not started yet";
            case RUNNING -> run.status() == RunStatus.WAITING ? "it is waiting" : "it is running";
            case PAUSED -> "it was paused" + since;
            case CANCELLING -> "it is being cancelled";
            case SUCCEEDED -> "it succeeded" + since;
            case FAILED -> "it failed" + since;
            case CANCELLED -> "it was cancelled" + since;
        };
    }

    private static String advice(Phase phase, String run) {
        return switch (phase) {
            case ACCEPTED -> "Wait until it has started.";
            case RUNNING -> "It goes on by itself; POST " + run + "/reset takes it back to an earlier step.";
            case PAUSED -> "POST " + run + "/resume lets it go on.";
            case CANCELLING -> "Let it clean up, or end it at once with POST " + run + "/kill.";
            case SUCCEEDED, CANCELLED ->
                "Start a new run, or go on from one of its steps with POST " + run + "/reset or " + run + "/fork.";
            case FAILED -> "POST " + run + "/retry goes on from where it failed, " + run + "/reset from any step.";
        };
    }
}
