package dev.sluice.api;

import dev.sluice.store.Invariant;
import dev.sluice.store.Sleeper;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.stream.Collectors;

/** Whether every run that has not ended has something that will wake it. */
@Path("/v1/invariant")
@RunOnVirtualThread
public class InvariantResource {
    private final Invariant invariant;

    InvariantResource(Invariant invariant) {
        this.invariant = invariant;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public DutyViews.Invariant get() {
        var byKind = invariant.findings().stream()
                .collect(Collectors.partitioningBy(s -> s.missing().kind() == Sleeper.Kind.OPEN_ENDED));
        return new DutyViews.Invariant(
                views(byKind.get(false)),
                views(byKind.get(true)),
                invariant.lastRound().orElse(null));
    }

    private static List<DutyViews.Finding> views(List<Sleeper> sleepers) {
        return sleepers.stream().map(DutyViews.Finding::of).toList();
    }
}
