package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Leases;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.store.Clearing.Plan;
import dev.sluice.store.Clearing.Progress;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Redrives and drops many dead letters, the oldest first, no faster than asked for. One process does it at a time; one
 * that ends is followed by another, which begins behind the last letters that were noted and finds those that came
 * after already done.
 */
@ApplicationScoped
public class Clearings {
    private static final Logger LOG = Logger.getLogger(Clearings.class);

    /** 50 letters a second: a function that has just been repaired is not run over. */
    public static final int RATE_DEFAULT = 50;

    /** 1,000 a second: more than one machine's functions answer. */
    public static final int RATE_MAX = 1_000;

    /** 10 at a time: each looks at Redis at every turn. */
    static final int OPEN_MAX = 10;

    /** 100 letters: then it is noted how far it has come. */
    private static final int PAGE = 100;

    private static final int REFUSALS_MAX = 10;

    /** 5 s: then another process takes over from one that was lost. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private final DeadLetters letters;
    private final Redriver redriver;
    private final Leases leases;
    private final Partitions partitions;
    private final ClearingBook book;
    private final Clock clock;
    private final String holder =
            "c-" + Long.toString(RandomGenerator.getDefault().nextLong() >>> 1, 36);

    /** How many letters may be worked off by now, and since when more are due; this process's own. */
    private final Map<String, Credit> credits = new HashMap<>();

    private record Credit(double letters, Instant at) {
        Credit at(Instant now, int rate) {
            double earned = Math.max(0, Duration.between(at, now).toMillis()) * rate / 1000.0;
            return new Credit(Math.min(rate, letters + earned), now);
        }

        Credit spend(int count) {
            return new Credit(letters - count, at);
        }
    }

    Clearings(
            DeadLetters letters,
            Redriver redriver,
            Leases leases,
            Partitions partitions,
            RedisLink redis,
            Clock clock) {
        this.letters = letters;
        this.redriver = redriver;
        this.leases = leases;
        this.partitions = partitions;
        this.book = new ClearingBook(redis, partitions);
        this.clock = clock;
    }

    /**
     * Begins one, or finds the one that was begun under the same key.
     *
     * @throws ProblemException SL2009 when the key was used for another one, SL2043 when too many are under way, SL2001
     *     as {@link Redriver#check}
     */
    public Clearing begin(Plan plan, Optional<String> key) {
        String id = id(plan, key);
        Optional<Clearing> known = book.find(id);
        if (known.isEmpty() && plan.action() == Clearing.Action.REDRIVE) {
            redriver.check(plan.query().workflow(), plan.revision());
        }
        if (known.isEmpty() && book.openCount() >= OPEN_MAX) {
            throw Problem.of(
                            Code.SL2043,
                            OPEN_MAX + " clearings are under way. Wait until one has ended, or stop one: GET"
                                    + " /v1/dead-letters/clearings lists them.")
                    .asException();
        }
        if (!book.add(id, plan)) {
            Clearing before = book.find(id).orElseThrow();
            if (!before.plan().asksTheSameAs(plan)) {
                throw Problem.of(Code.SL2009, "the key has begun clearing " + id + ", which asks for something else")
                        .asException();
            }
            if (before.status() == Clearing.Status.RUNNING) book.open(id, before.plan());
            return before;
        }
        return book.find(id).orElseThrow();
    }

    /** A name like that of a run; the partition in it says nothing. */
    private String id(Plan plan, Optional<String> key) {
        Partition any = partitions.all().getFirst();
        return key.map(k -> RunId.forKey(any, "clearing", k))
                .orElseGet(() -> RunId.next(any, plan.at(), RandomGenerator.getDefault()));
    }

    /** How many letters a plan means at most. */
    public long atMost(Plan plan) {
        return letters.atMost(plan.query());
    }

    public Optional<Clearing> find(String id) {
        return book.find(id);
    }

    /** The latest first; those that ended long ago are forgotten. */
    public List<Clearing> all() {
        return book.all();
    }

    /** Ends it where it stands; does nothing to one that has ended. Empty when there is none. */
    public Optional<Clearing> stop(String id) {
        Optional<Clearing> clearing = book.find(id);
        if (clearing.filter(c -> c.status() == Clearing.Status.RUNNING).isEmpty()) return clearing;
        book.stop(id, clock.instant());
        return book.find(id);
    }

    /** Works off what is due by now. To be called again and again, by any number of processes. */
    public void step() {
        if (book.openCount() == 0) {
            credits.clear();
            return;
        }
        for (String id : book.openIds()) {
            if (!leases.hold(Keys.clearingLease(), holder, LEASE)) return;
            Optional<Clearing> clearing = book.find(id);
            if (clearing.isPresent()) carryOn(clearing.get());
        }
    }

    private void carryOn(Clearing clearing) {
        Plan plan = clearing.plan();
        Instant now = clock.instant();
        Credit credit = credits.getOrDefault(clearing.id(), new Credit(1, now)).at(now, plan.rate());
        Progress progress = clearing.progress();
        LetterQuery query = plan.query().before(plan.at());
        while (credit.letters() >= 1 && !book.isStopped(clearing.id())) {
            int room = Math.min(PAGE, (int) credit.letters());
            Optional<String> from = Optional.of(progress.cursor()).filter(c -> !c.isEmpty());
            DeadLetters.Page page = letters.oldest(query, from, room);
            progress = work(clearing, page, progress);
            book.save(clearing.id(), progress);
            credit = credit.spend(page.letters().size());
            if (page.next().isEmpty()) {
                book.end(clearing.id(), clock.instant());
                LOG.infof("clearing=%s %s ended", clearing.id(), plan.action().word());
                break;
            }
            if (!leases.hold(Keys.clearingLease(), holder, LEASE)) break;
        }
        credits.put(clearing.id(), credit);
    }

    private Progress work(Clearing clearing, DeadLetters.Page page, Progress before) {
        long skipped = before.skipped();
        long refused = before.refused();
        var refusals = new ArrayList<JsonNode>(before.refusals());
        for (DeadLetter letter : page.letters()) {
            try {
                Redriver.Outcome outcome = work(clearing, letter);
                if (outcome == Redriver.Outcome.REPEATED) skipped++;
            } catch (ProblemException e) {
                if (e.problem().retryable()) throw e;
                refused++;
                if (refusals.size() < REFUSALS_MAX) refusals.add(refusal(letter, e.problem()));
            }
        }
        return new Progress(
                before.done(), skipped, refused, refusals, page.next().orElse(before.cursor()));
    }

    private Redriver.Outcome work(Clearing clearing, DeadLetter letter) {
        Plan plan = clearing.plan();
        return switch (plan.action()) {
            case REDRIVE -> redriver.redrive(letter, plan.revision(), clearing.id());
            case DROP -> redriver.drop(letter, plan.reason(), clearing.id());
        };
    }

    private static JsonNode refusal(DeadLetter letter, Problem problem) {
        return JsonNodeFactory.instance.objectNode().put("id", letter.id()).set("problem", problem.toJson());
    }
}
