package dev.sluice.orchestrator;

import dev.sluice.store.OutboxEntry;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The lifecycle events of the DSL. */
@ApplicationScoped
class Lifecycle {
    List<OutboxEntry> of(Run run, List<HistoryEntry> history) {
        return List.of();
    }
}
