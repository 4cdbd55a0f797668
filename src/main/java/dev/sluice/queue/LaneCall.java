package dev.sluice.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A call of a script that is given tasks by their lane (its index in KEYS), entry id and place. */
final class LaneCall {
    private final List<String> keys = new ArrayList<>();
    private final List<String> args = new ArrayList<>();
    private final Map<LaneName, String> indices = new HashMap<>();

    LaneCall(String... keys) {
        this.keys.addAll(List.of(keys));
    }

    void args(String... more) {
        args.addAll(List.of(more));
    }

    void place(Place place) {
        args.add(indices.computeIfAbsent(place.lane(), lane -> {
            keys.add(place.key());
            return String.valueOf(keys.size());
        }));
        args.add(place.entryId());
        args.add(place.text());
    }

    RedisLink.Call call() {
        return new RedisLink.Call(keys, args);
    }
}
