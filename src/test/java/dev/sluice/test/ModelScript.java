package dev.sluice.test;

import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What a model says in a test, and what it costs. Answers are given in their order, one a question, and the last one
 * from then on.
 */
public final class ModelScript {
    record Said(String text, Usage usage) {}

    private final List<Function<String, String>> answers = new ArrayList<>();
    private Usage each = Usage.NONE;
    private int asked;

    ModelScript() {}

    public ModelScript says(String... texts) {
        for (String text : texts) answers.add(prompt -> text);
        return this;
    }

    /** Computes what it says from the prompt. */
    public ModelScript says(Function<String, String> answer) {
        answers.add(answer);
        return this;
    }

    /** Fails with {@code problem}, which costs nothing. */
    public ModelScript fails(Problem problem) {
        answers.add(prompt -> {
            throw problem.asException();
        });
        return this;
    }

    /** What each answer uses; nothing by default. @param costMicros micro-dollars */
    public ModelScript costing(long inputTokens, long outputTokens, long costMicros) {
        each = new Usage(inputTokens, outputTokens, costMicros);
        return this;
    }

    Said say(String model, String prompt) {
        if (answers.isEmpty()) throw new AssertionError("the model '" + model + "' has nothing to say: add .says(…)");
        return new Said(answers.get(Math.min(asked++, answers.size() - 1)).apply(prompt), each);
    }
}
