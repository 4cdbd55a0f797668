package dev.sluice.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.inference.Ledger;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/** What the API shows of calls of models and of what they cost. */
@RegisterForReflection(ignoreNested = false)
public final class CallViews {
    private CallViews() {}

    /** @param next number of the line to go on from; null on the last page */
    public record CallPage(List<Call> calls, long from, Long next) {}

    /**
     * One exchange with an endpoint, see {@link Ledger.Entry}.
     *
     * @param step key of the visit
     * @param inputTokens those in {@code cachedTokens} included
     * @param uncertainMicros at most so much more may have been paid
     */
    public record Call(
            Instant at,
            String step,
            int attempt,
            String call,
            String exchange,
            String endpoint,
            String model,
            long inputTokens,
            long cachedTokens,
            long outputTokens,
            long costMicros,
            long uncertainMicros,
            long millis,
            String outcome,
            String rung,
            boolean hedge,
            String prices) {
        static Call of(Ledger.Entry e) {
            return new Call(
                    e.at(),
                    e.step(),
                    e.attempt(),
                    e.call(),
                    e.exchange(),
                    e.endpoint(),
                    e.model(),
                    e.input(),
                    e.cached(),
                    e.output(),
                    e.costMicros(),
                    e.uncertainMicros(),
                    e.millis(),
                    e.outcome(),
                    e.rung(),
                    e.hedge(),
                    e.prices());
        }
    }

    /** Of all calls of models of a run, those of lost and failed attempts included. */
    public record Cost(long micros, long uncertainMicros) {
        static final Cost NOTHING = new Cost(0, 0);

        Cost plus(Ledger.Entry line) {
            return new Cost(micros + line.costMicros(), uncertainMicros + line.uncertainMicros());
        }
    }

    /**
     * @param from first day (UTC); @param to last day
     * @param by what the rows are told apart by
     * @param rows the dearest first
     */
    public record Costs(LocalDate from, LocalDate to, Set<String> by, List<CostRow> rows, CostRow total) {}

    /**
     * What the rows are not told apart by is left out. @param calls exchanges that were made, not those that a journal
     * saved
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CostRow(
            LocalDate day,
            String tenant,
            String workflow,
            String endpoint,
            String model,
            long calls,
            long inputTokens,
            long cachedTokens,
            long outputTokens,
            long costMicros,
            long uncertainMicros) {}
}
