package dev.sluice.queue;

import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Service;

/**
 * Names a lane within its partition.
 *
 * @param tenant 0 to 64 letters, digits, {@code _}, {@code .} and {@code -}
 */
public record LaneName(Priority priority, String tenant, String function) {

    /** The lane of those who ask for nothing in particular. */
    public static LaneName of(String function) {
        return new LaneName(Service.DEFAULT.priority(), Service.DEFAULT.tenant(), function);
    }

    /** {@code <priority>:<tenant>:<function>} */
    public String text() {
        return priority.word() + ":" + tenant + ":" + function;
    }

    /** @throws IllegalArgumentException when {@code text} is not one */
    public static LaneName parse(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        if (second < 0) throw new IllegalArgumentException("not a lane: " + text);
        Priority priority = Priority.of(text.substring(0, first))
                .orElseThrow(() -> new IllegalArgumentException("not a lane: " + text));
        return new LaneName(priority, text.substring(first + 1, second), text.substring(second + 1));
    }
}
