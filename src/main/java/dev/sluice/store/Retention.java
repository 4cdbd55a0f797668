package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.Script;
import dev.sluice.workflow.KeepTimes;
import dev.sluice.workflow.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Deletes runs some time after their end. Files of payloads stay: they are named by their content, so that one may be
 * the input of a run that is to start tomorrow; see {@code docs/reliability.md}.
 */
@ApplicationScoped
public class Retention {
    private static final Logger LOG = Logger.getLogger(Retention.class);

    /** 500: some 10 ms of Redis for a step in which all are deleted. */
    private static final int BATCH = 500;

    /** 20 steps, 10,000 runs, a turn: 2,000 a second at a turn each five, more than one machine finishes. */
    private static final int BATCHES_MAX = 20;

    private final RedisLink redis;
    private final Partitions partitions;
    private final Definitions definitions;
    private final Clock clock;
    private final KeepTimes times;
    private final Counter deleted;

    Retention(
            RedisLink redis,
            Partitions partitions,
            Definitions definitions,
            Clock clock,
            MeterRegistry metrics,
            @ConfigProperty(name = "sluice.retention.succeeded", defaultValue = "P30D") Duration succeeded,
            @ConfigProperty(name = "sluice.retention.failed", defaultValue = "P90D") Duration failed,
            @ConfigProperty(name = "sluice.retention.cancelled", defaultValue = "P30D") Duration cancelled) {
        this.redis = redis;
        this.partitions = partitions;
        this.definitions = definitions;
        this.clock = clock;
        this.times = new KeepTimes(Optional.of(succeeded), Optional.of(failed), Optional.of(cancelled));
        this.deleted = Counter.builder("sluice.runs.deleted")
                .description("Runs deleted some time after their end")
                .register(metrics);
    }

    /** Looks at the next runs that have ended, at more of them as long as there is much to delete. */
    public void step() {
        for (int i = 0; i < BATCHES_MAX; i++) {
            if (batch() < BATCH / 2) return;
        }
    }

    /** @return how many runs were deleted */
    int batch() {
        Response stored = redis.send(Command.GET, Keys.cursor("retention"));
        JsonNode place = Json.tree(stored == null ? "{}" : stored.toString());
        List<Partition> all = partitions.all();
        int slot = place.path("slot").asInt() % all.size();
        Partition p = all.get(slot);
        Response page =
                redis.send(Command.ZSCAN, Keys.ended(p), place.path("cursor").asText("0"), "COUNT", BATCH);
        int count = delete(p, page.get(1));
        String cursor = page.get(0).toString();
        int next = cursor.equals("0") ? slot + 1 : slot;
        var then = JsonNodeFactory.instance.objectNode().put("slot", next).put("cursor", cursor);
        redis.send(Command.SET, Keys.cursor("retention"), Json.text(then));
        return count;
    }

    private int delete(Partition p, Response members) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < members.size(); i += 2) ids.add(members.get(i).toString());
        if (ids.isEmpty()) return 0;
        List<Response> heads = redis.sendAll(ids.stream().map(RunHead::request).toList());
        Instant now = clock.instant();
        var calls = new ArrayList<RedisLink.Call>();
        for (Response head : heads) {
            RunHead.of(head).filter(run -> isOver(run, now)).ifPresent(run -> calls.add(call(p, run)));
        }
        int count = redis.runAll(Script.RETIRE, calls).stream()
                .mapToInt(Response::toInteger)
                .sum();
        deleted.increment(count);
        if (count > 0) LOG.debugf("partition=%s %d runs deleted", p.tag(), count);
        return count;
    }

    private boolean isOver(RunHead run, Instant now) {
        if (!run.status().isFinal()) return false;
        Duration kept = own(run).flatMap(own -> own.after(run.status()))
                .or(() -> times.after(run.status()))
                .orElseThrow();
        return run.endedAt().isPresent() && run.endedAt().get().plus(kept).isBefore(now);
    }

    /** Empty when the run's revision is lost: then the operator's times hold. */
    private Optional<KeepTimes> own(RunHead run) {
        try {
            return Optional.of(
                    definitions.revision(run.workflow(), run.revision()).keepTimes());
        } catch (ProblemException e) {
            if (e.problem().retryable()) throw e;
            return Optional.empty();
        }
    }

    private static RedisLink.Call call(Partition p, RunHead run) {
        var keys = new ArrayList<>(List.of(
                Keys.run(p, run.id()),
                Keys.history(p, run.id()),
                Keys.transcript(p, run.id()),
                Keys.items(p, run.id()),
                Keys.held(p, run.id()),
                Keys.journal(p, run.id()),
                Keys.ledger(p, run.id()),
                Keys.deadLetters(p),
                Keys.deadIndex(p),
                Keys.deadCounts(p),
                Keys.ended(p),
                Keys.runs(p, run.status().word())));
        run.attributes().forEach((name, value) -> keys.add(Keys.attribute(p, name, value)));
        return new RedisLink.Call(keys, List.of(run.id(), String.valueOf(run.version())));
    }
}
