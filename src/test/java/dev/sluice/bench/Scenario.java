package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** One thing that is measured. */
interface Scenario {
    /** For the heading of its table. */
    String title(Settings settings);

    /**
     * One round, with processes of its own.
     *
     * @param figures gets one value of each figure
     * @param detail gets what is too much for a table; the last round's stays
     */
    void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException;
}
