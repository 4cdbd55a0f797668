package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/** Runs that start by themselves. */
@ApplicationScoped
public class Schedules {
    private static final Logger LOG = Logger.getLogger(Schedules.class);

    private final Definitions definitions;
    private final Starter starter;

    Schedules(Definitions definitions, Starter starter) {
        this.definitions = definitions;
        this.starter = starter;
    }

    /** Starts every workflow that the event is for. */
    public void startBy(JsonNode event) {
        String name = event.path("source").asText() + "\n" + event.path("id").asText();
        JsonNode input = JsonNodeFactory.instance.arrayNode().add(event);
        for (Definition workflow : takers(event)) {
            try {
                starter.startByEvent(workflow, input, name);
            } catch (ProblemException e) {
                if (e.problem().retryable()) throw e;
                LOG.warnf("workflow=%s is not started by event %s: %s", workflow.name(), name, e.getMessage());
            }
        }
    }

    public List<Definition> takers(JsonNode event) {
        return definitions.all().stream()
                .filter(d -> d.triggers().contains(event.path("type").asText()))
                .toList();
    }

    /** The next run of a workflow with {@code schedule.after}. */
    public void startAgain(String workflow, Instant dueAt) {
        LOG.debugf("workflow=%s is due again at %s", workflow, dueAt);
    }
}
