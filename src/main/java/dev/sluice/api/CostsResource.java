package dev.sluice.api;

import dev.sluice.inference.Ledger;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** What calls of models have cost, by day (UTC). */
@Path("/v1/costs")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class CostsResource {
    private final Ledger ledger;
    private final Clock clock;

    CostsResource(Ledger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    /**
     * Totals are kept for 400 days.
     *
     * @param day such as {@code 2026-11-30}; without any day: today
     * @param from first day of several, without it {@code to} alone; @param to last one, without it today
     * @param by some of {@code day tenant workflow endpoint model}, separated by commas; all but the day without it
     */
    @GET
    public CallViews.Costs costs(
            @QueryParam("day") @DefaultValue("") String day,
            @QueryParam("from") @DefaultValue("") String from,
            @QueryParam("to") @DefaultValue("") String to,
            @QueryParam("by") @DefaultValue("") String by) {
        CostQuery query = CostQuery.of(day, from, to, by, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        return query.tell(
                query.from().datesUntil(query.to().plusDays(1)).map(ledger::of).toList());
    }
}
