package dev.sluice.api;

import dev.sluice.store.RunHead;
import dev.sluice.store.RunIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds runs, the latest accepted first: by a search attribute where one is asked for, else by status. */
@ApplicationScoped
class Listing {
    /** 2,000 runs are looked at for one filtered page; the cursor goes on from there. */
    private static final int SCANNED_MAX = 2_000;

    /** 200 at a time, whatever the limit: a filter that few runs pass must not ask Redis for each. */
    private static final int SCAN = 200;

    private final RunIndex index;

    Listing(RunIndex index) {
        this.index = index;
    }

    /** @param next where to go on; empty when there is no more */
    record Found(List<RunHead> runs, Optional<String> next) {}

    /** @throws dev.sluice.workflow.ProblemException SL2014 when {@code cursor} is not one */
    Found find(RunQuery query, Optional<String> cursor, int most) {
        var found = new ArrayList<RunHead>();
        Optional<String> next = cursor;
        int looked = 0;
        do {
            var page = page(query, next);
            next = page.next();
            for (RunHead head : page.runs()) {
                looked++;
                if (!query.matches(head)) continue;
                found.add(head);
                if (found.size() < most) continue;
                boolean isLast = next.isEmpty() && head == page.runs().getLast();
                next = isLast ? Optional.empty() : Optional.of(RunIndex.cursorAfter(head));
                break;
            }
        } while (found.size() < most && next.isPresent() && looked < SCANNED_MAX);
        return new Found(found, next);
    }

    private RunIndex.Page page(RunQuery query, Optional<String> cursor) {
        try {
            var attribute = query.attributes().entrySet().stream().findFirst();
            return attribute.isPresent()
                    ? index.page(attribute.get().getKey(), attribute.get().getValue(), cursor, SCAN)
                    : index.page(query.statuses(), cursor, SCAN);
        } catch (IllegalArgumentException e) {
            throw RunsResource.invalid(e.getMessage());
        }
    }
}
