package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What calls of models may cost at most, from {@code document.metadata.budget}: {@code run}, {@code step} and
 * {@code day} in US dollars. Here in micro-dollars; empty: the workflow says nothing of it.
 *
 * @param run of one run
 * @param step of one visit of a step, all its attempts
 * @param day of all runs of the workflow on one day (UTC)
 */
public record Budget(OptionalLong run, OptionalLong step, OptionalLong day) {
    public static final Budget NONE = new Budget(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    private static final Set<String> MEMBERS = Set.of("run", "step", "day");

    /** Six decimals: a micro-dollar is the least that is counted. */
    private static final int DECIMALS_MAX = 6;

    /** A billion dollars: more is a typing error, and sums of many of them still fit into 64 bits. */
    private static final BigDecimal DOLLARS_MAX = BigDecimal.valueOf(1_000_000_000);

    static Budget read(JsonNode budget, Parts parts, String pointer) {
        if (budget.isMissingNode()) return NONE;
        if (!budget.isObject()) {
            parts.findings.add(pointer, "must be an object with the members run, step and day, was " + budget);
            return NONE;
        }
        Members.findUnknown(budget, MEMBERS, parts.findings, pointer);
        return new Budget(
                micros(budget, "run", parts, pointer),
                micros(budget, "step", parts, pointer),
                micros(budget, "day", parts, pointer));
    }

    /** An amount of US dollars in micro-dollars; empty when it is not there. */
    static OptionalLong micros(JsonNode of, String member, Parts parts, String pointer) {
        JsonNode amount = of.path(member);
        if (amount.isMissingNode()) return OptionalLong.empty();
        BigDecimal dollars = dollars(amount);
        if (dollars.signum() > 0 && dollars.scale() <= DECIMALS_MAX && dollars.compareTo(DOLLARS_MAX) <= 0) {
            return OptionalLong.of(dollars.movePointRight(DECIMALS_MAX).longValueExact());
        }
        parts.findings.add(
                pointer + "/" + member,
                "must be US dollars above 0, at most 1000000000 and with at most 6 decimals, such as 0.05, was "
                        + amount);
        return OptionalLong.empty();
    }

    /** Zero when it is no amount. */
    private static BigDecimal dollars(JsonNode amount) {
        if (amount.isNumber()) return amount.decimalValue().stripTrailingZeros();
        boolean isDecimal = amount.isTextual() && amount.textValue().matches("\\d{1,10}(\\.\\d{1,20})?");
        return isDecimal ? new BigDecimal(amount.textValue()).stripTrailingZeros() : BigDecimal.ZERO;
    }

    /** The same with another bound of the step, if there is one. */
    Budget forStep(OptionalLong micros) {
        return micros.isEmpty() ? this : new Budget(run, micros, day);
    }

    /** Members {@code run step day} in micro-dollars; none where there is no bound. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        run.ifPresent(micros -> json.put("run", micros));
        step.ifPresent(micros -> json.put("step", micros));
        day.ifPresent(micros -> json.put("day", micros));
        return json;
    }
}
