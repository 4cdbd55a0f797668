package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What {@code $secrets} gives: for each secret a tree of its own shape whose texts are marks. A mark is put in the
 * place of the secret's text when a task leaves for its function, so that no secret enters the state or the history of
 * a run.
 */
@FunctionalInterface
public interface Secrets {
    /** How every mark begins. */
    String MARK = "{{secret:";

    Secrets NONE = name -> Optional.empty();

    /** @return empty when there is no such secret */
    Optional<JsonNode> find(String name);
}
