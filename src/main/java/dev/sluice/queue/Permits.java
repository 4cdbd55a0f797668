package dev.sluice.queue;

import dev.sluice.queue.Limits.Asking;
import dev.sluice.queue.Limits.Permit;
import dev.sluice.workflow.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks for permits of several limits for each of many: all of them or none. Everybody asks in the same order of limits;
 * who is refused one gives back those that it got before, and waits in that one line alone.
 */
final class Permits {
    /** @param limits one or more, in the order of {@link TaskLimits#of} */
    record Wish(String holder, Instant since, List<Service.Limit> limits) {}

    /**
     * What a wish got.
     *
     * @param refused key of the limit in whose line it waits now; then there are no permits
     */
    record Answer(List<Permit> permits, Optional<String> refused) {
        long fence() {
            return permits.stream().mapToLong(Permit::fence).max().orElse(0);
        }
    }

    private final Limits limits;
    private final Duration lease;
    private final List<Wish> wishes;
    private final List<List<Permit>> got = new ArrayList<>();
    private final List<Optional<String>> refused = new ArrayList<>();
    /** Others who waited and have a permit now. */
    private final List<String> called = new ArrayList<>();
    /** How many wait for each limit that was asked for. */
    private final Map<String, Long> waiting = new HashMap<>();

    Permits(Limits limits, Duration lease, List<Wish> wishes) {
        this.limits = limits;
        this.lease = lease;
        this.wishes = wishes;
    }

    /** @return an answer for each, in their order */
    List<Answer> ask() {
        for (int i = 0; i < wishes.size(); i++) {
            got.add(new ArrayList<>());
            refused.add(Optional.empty());
        }
        for (int round = 0; round(round); round++) {}
        giveBackInPart();
        var answers = new ArrayList<Answer>();
        for (int i = 0; i < wishes.size(); i++) answers.add(new Answer(List.copyOf(got.get(i)), refused.get(i)));
        return answers;
    }

    List<String> called() {
        return called;
    }

    Map<String, Long> waiting() {
        return waiting;
    }

    /** Everybody's limit of this number, in one go. @return false when nobody has so many */
    private boolean round(int number) {
        var asking = new LinkedHashMap<Service.Limit, List<Asking>>();
        var indices = new HashMap<String, Integer>();
        for (int i = 0; i < wishes.size(); i++) {
            Wish wish = wishes.get(i);
            if (refused.get(i).isPresent() || wish.limits().size() <= number) continue;
            asking.computeIfAbsent(wish.limits().get(number), limit -> new ArrayList<>())
                    .add(new Asking(wish.holder(), wish.since()));
            indices.put(wish.holder(), i);
            refused.set(i, Optional.of(wish.limits().get(number).key()));
        }
        if (asking.isEmpty()) return false;
        List<Limits.Reply> replies = limits.acquire(asking, lease);
        List<Service.Limit> asked = List.copyOf(asking.keySet());
        for (int l = 0; l < replies.size(); l++) {
            Limits.Reply reply = replies.get(l);
            waiting.put(asked.get(l).key(), reply.waiting());
            called.addAll(reply.called());
            for (Permit permit : reply.permits()) {
                int i = indices.get(permit.holder());
                got.get(i).add(permit);
                refused.set(i, Optional.empty());
            }
        }
        return true;
    }

    private void giveBackInPart() {
        var surplus = new ArrayList<Permit>();
        for (int i = 0; i < wishes.size(); i++) {
            if (refused.get(i).isEmpty()) continue;
            surplus.addAll(got.get(i));
            got.get(i).clear();
        }
        if (surplus.isEmpty()) return;
        limits.free(surplus, lease).forEach((limit, reply) -> {
            called.addAll(reply.called());
            waiting.put(limit, reply.waiting());
        });
    }
}
