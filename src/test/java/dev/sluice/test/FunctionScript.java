package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a function answers in a test. Rules are asked in their order, and the first that fits the call answers:
 *
 * <pre>{@code
 * sluice.function("charge")
 *         .when(call -> call.arguments().path("amount").asInt() > 1_000, Answer.fails("card limit"))
 *         .answers(Answer.retryable("restarting"), Answer.of("{receipt: 17}"));
 * }</pre>
 *
 * Several answers are given in their order, one a call, and the last one from then on. A call that is delivered again
 * gets the answer that it had, as from a function that minds its idempotency key; a lambda is asked again.
 */
public final class FunctionScript {
    private record Rule(Predicate<Call> condition, Function<Call, Answer> answer) {}

    private final List<Rule> rules = new ArrayList<>();
    private Duration queued = Duration.ZERO;

    FunctionScript() {}

    /** Answers with these outputs. @param outputs JSON, see {@link Json#json} */
    public FunctionScript answers(String... outputs) {
        return answers(List.of(outputs).stream().map(Answer::of).toArray(Answer[]::new));
    }

    public FunctionScript answers(Answer... answers) {
        return when(call -> true, answers);
    }

    /** Answers so the calls for which {@code condition} holds. */
    public FunctionScript when(Predicate<Call> condition, Answer... answers) {
        if (answers.length == 0) throw new IllegalArgumentException("a script needs at least one answer");
        rules.add(new Rule(condition, inOrder(answers)));
        return this;
    }

    /** Computes the output. A {@code ProblemException} that it throws fails the attempt with its problem. */
    public FunctionScript computes(Function<Call, JsonNode> output) {
        return does(call -> Answer.of(output.apply(call)));
    }

    /** Decides on the whole answer. */
    public FunctionScript does(Function<Call, Answer> answer) {
        rules.add(new Rule(call -> true, answer));
        return this;
    }

    /** No worker is free: each task waits so long in its queue before an attempt begins. */
    public FunctionScript startsAfter(Duration wait) {
        queued = wait;
        return this;
    }

    Duration queued() {
        return queued;
    }

    private static Function<Call, Answer> inOrder(Answer[] answers) {
        Map<Call.Id, Answer> given = new HashMap<>();
        return call -> given.computeIfAbsent(call.id(), id -> answers[Math.min(given.size(), answers.length - 1)]);
    }

    /** @throws AssertionError when no rule fits */
    Answer answer(Call call) {
        for (Rule rule : rules) {
            if (rule.condition().test(call)) return rule.answer().apply(call);
        }
        throw new AssertionError("no rule of the function '" + call.function() + "' fits the call: " + call
                + ". Add .answers(…) as its last rule.");
    }
}
