package dev.sluice.workflow;

/** A flow directive: where a list of steps goes on after one of them. */
sealed interface Flow {
    /** With the next step of the list. */
    record Continue() implements Flow {}

    /** Out of the list. */
    record Exit() implements Flow {}

    /** To the end of the run. */
    record End() implements Flow {}

    /** @param index of the step in the same list */
    record To(int index) implements Flow {}

    /** As a state of a step keeps it: the directive, or the index of the step. */
    default String word() {
        return switch (this) {
            case Continue c -> "continue";
            case Exit e -> "exit";
            case End e -> "end";
            case To to -> String.valueOf(to.index());
        };
    }

    static Flow of(String word) {
        return switch (word) {
            case "continue" -> CONTINUE;
            case "exit" -> EXIT;
            case "end" -> END;
            default -> new To(Integer.parseInt(word));
        };
    }

    Flow CONTINUE = new Continue();
    Flow EXIT = new Exit();
    Flow END = new End();
}
