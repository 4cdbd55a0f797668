package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunStatus;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes starts and forks as the arguments of their scripts, and reads what became of starts. */
final class StartCall {
    /** Extensions of an event that those who pass it on write: Knative's broker, and tracing. */
    private static final List<String> WAY = List.of("knativearrivaltime", "traceparent", "tracestate");

    /** In place of a hash: a run whose id was drawn is there only if this very start was sent twice. */
    private static final String DRAWN = "-";

    private final EventCodec events;
    private final Payloads payloads;

    StartCall(EventCodec events, Payloads payloads) {
        this.events = events;
        this.payloads = payloads;
    }

    /** The arguments of {@code start.lua}. */
    RedisLink.Call of(Start.Group group) {
        Partition p = group.partition();
        var keys = new ArrayList<String>(4 + group.starts().size());
        keys.add(Keys.inbox(p));
        keys.add(Keys.runs(p, RunStatus.QUEUED.word()));
        keys.add(Keys.timers(p));
        keys.add(Keys.depth(p));
        var args = new ArrayList<String>(4 + 10 * group.starts().size());
        args.add(group.depthMax().isPresent() ? String.valueOf(group.depthMax().getAsLong()) : "");
        args.add(Keys.HINTS);
        args.add(Hint.inbox(p));
        args.add(Keys.CHANGES);
        for (Start start : group.starts()) add(p, start, keys, args);
        return new RedisLink.Call(keys, args);
    }

    private void add(Partition p, Start start, List<String> keys, List<String> args) {
        Run run = start.run();
        Run.Identity identity = run.identity();
        keys.add(Keys.run(p, run.id()));
        run.attributes().forEach((name, value) -> keys.add(Keys.attribute(p, name, value)));
        args.add(run.id());
        args.add(String.valueOf(identity.acceptedAt().toEpochMilli()));
        args.add(RunHead.encode(identity));
        args.add(RunHead.of(run).encode());
        args.add(payloads.pack(run.input()));
        args.add(start.isNamed() ? hash(run.input().tree()) : DRAWN);
        args.add(firstEvent(events, identity));
        args.add(later(identity).map(at -> String.valueOf(at.toEpochMilli())).orElse(""));
        args.add(start.cause().map(Json::text).orElse(""));
        args.add(String.valueOf(run.attributes().size()));
    }

    /**
     * Says whether two inputs are the same. An event that its producer sends again comes with other traces of its way,
     * which brokers add.
     */
    private static String hash(JsonNode input) {
        JsonNode event = input.isArray() && input.size() == 1 ? input.get(0) : MissingNode.getInstance();
        if (!event.has("specversion") || WAY.stream().noneMatch(event::has)) return Payloads.hash(input);
        JsonNode without = ((ObjectNode) event).deepCopy().without(WAY);
        return Payloads.hash(JsonNodeFactory.instance.arrayNode().add(without));
    }

    private static Optional<Instant> later(Run.Identity identity) {
        return identity.startsAt().filter(at -> at.isAfter(identity.acceptedAt()));
    }

    /** As it stands in the inbox, or behind the run's id among the timers. */
    static String firstEvent(EventCodec events, Run.Identity identity) {
        Instant at = later(identity).orElse(identity.acceptedAt());
        return events.encode(new Event.RunStarted(at)).event();
    }

    /**
     * The arguments of {@code fork.lua}.
     *
     * @param fields of the run's hash, alternating with their values; @param items the same, of its loops
     */
    RedisLink.Call ofFork(Run run, List<String> fields, List<String> transcript, List<String> items, Event first) {
        Partition p = RunId.partition(run.id()).orElseThrow();
        var keys = new ArrayList<>(List.of(
                Keys.run(p, run.id()),
                Keys.inbox(p),
                Keys.runs(p, run.status().word()),
                Keys.transcript(p, run.id()),
                Keys.items(p, run.id())));
        run.attributes().forEach((name, value) -> keys.add(Keys.attribute(p, name, value)));
        var args = new ArrayList<>(List.of(
                run.id(),
                String.valueOf(run.identity().acceptedAt().toEpochMilli()),
                RunHead.encode(run.identity()),
                RunHead.of(run).encode(),
                payloads.pack(run.input()),
                hash(run.input().tree()),
                events.encode(first).event(),
                Keys.HINTS,
                Hint.inbox(p),
                Keys.CHANGES));
        section(args, fields, 2);
        section(args, transcript, 1);
        section(args, items, 2);
        return new RedisLink.Call(keys, args);
    }

    private static void section(List<String> args, List<String> values, int width) {
        args.add(String.valueOf(values.size() / width));
        args.addAll(values);
    }

    static Start.Taken read(Response replies) {
        int count = replies.size() - 1;
        var each = new ArrayList<Acceptance>(count);
        for (int i = 0; i < count; i++) {
            each.add(
                    switch (replies.get(i).toInteger()) {
                        case 1 -> Acceptance.ACCEPTED;
                        case 0 -> Acceptance.REPEATED;
                        case -1 -> Acceptance.OTHER_INPUT;
                        default -> Acceptance.FULL;
                    });
        }
        return new Start.Taken(each, replies.get(count).toLong());
    }
}
