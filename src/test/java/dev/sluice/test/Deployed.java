package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Definition;
import java.util.List;

/** One revision of a workflow, deployed in a {@link VirtualSluice}. */
public final class Deployed {
    private final VirtualSluice sluice;
    private final Definition definition;

    Deployed(VirtualSluice sluice, Definition definition) {
        this.sluice = sluice;
        this.definition = definition;
    }

    /** Starts a run with the input {@code {}}. */
    public RunUnderTest start() {
        return start(JsonNodeFactory.instance.objectNode());
    }

    /** Starts a run. @param input JSON, see {@link Json#json} */
    public RunUnderTest start(String input) {
        return start(Json.json(input));
    }

    /**
     * Starts a run, and lets it come as far as it does without the passing of time.
     *
     * @throws dev.sluice.workflow.ProblemException SL2011 when the input does not match the workflow's schema
     */
    public RunUnderTest start(JsonNode input) {
        definition.checkInput(input);
        LiveRun live = sluice.world.start(definition, input, null);
        sluice.world.settle();
        return new RunUnderTest(sluice, live);
    }

    /** The runs of this revision, by whatever they were started, in the order of their start. */
    public List<RunUnderTest> runs() {
        return sluice.world.runs.values().stream()
                .filter(live -> live.run.revision().equals(definition.revision()))
                .map(live -> new RunUnderTest(sluice, live))
                .toList();
    }

    /** The run that was started last. @throws AssertionError when none was */
    public RunUnderTest lastRun() {
        List<RunUnderTest> runs = runs();
        if (runs.isEmpty()) throw new AssertionError("no run of " + definition.qualifiedName() + " was started");
        return runs.getLast();
    }

    Definition definition() {
        return definition;
    }
}
