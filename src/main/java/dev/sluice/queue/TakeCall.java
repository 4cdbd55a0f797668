package dev.sluice.queue;

import dev.sluice.workflow.Priority;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** One call of {@code take.lua}: what it is given, and what its reply says. */
final class TakeCall {
    private static final Priority[] PRIORITIES = Priority.values();

    private final Ask ask;
    private final List<LaneName> lanes;

    TakeCall(Ask ask) {
        this.ask = ask;
        // Without knowing anything, the lane that most have.
        var lanes = new LinkedHashSet<>(ask.known());
        lanes.add(LaneName.of(ask.function()));
        this.lanes = List.copyOf(lanes);
    }

    /** An entry as it was handed out, not read yet. */
    record Handed(Place place, Response fields) {}

    RedisLink.Call call(Ranking ranking) {
        Partition p = ask.partition();
        var keys = new ArrayList<String>(8 + lanes.size());
        keys.add(Keys.dispatcher(p));
        keys.add(Keys.inFlight(p));
        for (Priority priority : PRIORITIES) keys.add(Keys.ready(p, new LaneName(priority, "", ask.function())));
        for (Priority priority : PRIORITIES) keys.add(Keys.resting(p, new LaneName(priority, "", ask.function())));
        var args = new ArrayList<String>(9 + 5 * lanes.size());
        args.add(ask.fencingToken() == 0 ? "" : String.valueOf(ask.fencingToken()));
        args.add(Keys.GROUP);
        args.add(ask.consumer());
        args.add(String.valueOf(ask.count()));
        args.add(String.valueOf(ask.lease().toMillis()));
        for (Priority priority : PRIORITIES)
            args.add(String.valueOf(ranking.after(priority).toMillis()));
        args.add(ask.contested() ? "1" : "0");
        for (LaneName lane : lanes) {
            keys.add(Keys.lane(p, lane));
            args.add(String.valueOf(lane.priority().ordinal() + 1));
            args.add(lane.tenant());
            args.add(lane.text());
            args.add(String.valueOf(ranking.weight(lane.tenant())));
            args.add(String.valueOf(ask.room().applyAsInt(lane.tenant())));
        }
        return new RedisLink.Call(keys, args);
    }

    static Taken.Rest rest(Response reply) {
        return switch (reply.get(0).toInteger()) {
            case 0 -> Taken.Rest.NOTHING;
            case 1 -> Taken.Rest.SOMETHING;
            case 2 -> Taken.Rest.UNKNOWN;
            default -> Taken.Rest.FENCED;
        };
    }

    List<LaneName> next(Response reply) {
        Response flat = reply.get(1);
        var next = new ArrayList<LaneName>(flat.size() / 2);
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            Priority priority = PRIORITIES[flat.get(i).toInteger() - 1];
            next.add(new LaneName(priority, flat.get(i + 1).toString(), ask.function()));
        }
        return next;
    }

    List<Handed> handed(Response reply) {
        Response flat = reply.get(2);
        var handed = new ArrayList<Handed>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            LaneName lane = lanes.get(flat.get(i).toInteger() - 1);
            for (Response entry : flat.get(i + 1)) {
                var place = new Place(ask.partition(), lane, entry.get(0).toString());
                handed.add(new Handed(place, entry.get(1)));
            }
        }
        return handed;
    }
}
