package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Bound;
import dev.sluice.inference.Books.Reservation;
import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RedisLink.Call;
import dev.sluice.queue.Script;
import dev.sluice.queue.Together;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is spent and set aside of budgets, and the totals of each day: all in one slot, since they change together. */
final class Spending {
    /** 256, as many as {@link RedisLink} sends at once. */
    private static final int TOGETHER_MAX = 256;

    /** 40 days after their last use: a run that waited so long for something begins with its budget anew. */
    private static final Duration BUDGETS_KEPT = Duration.ofDays(40);

    /** 400 days: this month can be seen beside that of a year ago. */
    private static final Duration TOTALS_KEPT = Duration.ofDays(400);

    /** A day: whoever comes later with what became of an exchange that was taken for lost is not heard. */
    private static final Duration LOST_KEPT = Duration.ofDays(1);

    /** A minute: {@link RedisLink} tells no call again that is older than {@code sluice.redis.patience}. */
    private static final Duration FREE_KEPT = Duration.ofMinutes(1);

    /** Numbers of keys, as {@code charge.lua} has them. */
    private static final int DAY_KEY = 4;

    private static final int RUN_KEY = 5;

    /** Outcomes of exchanges that never were: nothing was bought. */
    private static final Set<String> NOT_BOUGHT = Set.of("journal", "cache");

    static final String LOST = "lost";

    private final RedisLink redis;
    private final Optional<Clock> clock;
    private final Together<Call, Response> reservations;
    private final Together<Call, Response> charges;

    /** @param clock instead of the one of Redis */
    Spending(RedisLink redis, Optional<Clock> clock) {
        this.redis = redis;
        this.clock = clock;
        this.reservations = new Together<>(TOGETHER_MAX, calls -> redis.runAll(Script.SPEND, calls));
        this.charges = new Together<>(TOGETHER_MAX, calls -> redis.runAll(Script.CHARGE, calls));
    }

    /**
     * The budgets in which an exchange counts: those of the day always, so that one which is set at noon knows of the
     * morning; those of a run and of a step only where they are bounded, because there are many of these.
     */
    static Set<Scope> scopes(Account account, List<Bound> bounds) {
        Set<Scope> scopes = EnumSet.of(Scope.DAY);
        if (!account.tenant().isEmpty()) scopes.add(Scope.TENANT_DAY);
        if (!account.workflow().isEmpty()) scopes.add(Scope.WORKFLOW_DAY);
        bounds.stream().map(Bound::scope).filter(scope -> has(account, scope)).forEach(scopes::add);
        return scopes;
    }

    private static boolean has(Account account, Scope scope) {
        return switch (scope) {
            case RUN -> !account.run().isEmpty();
            case STEP -> !account.run().isEmpty() && !account.step().isEmpty();
            case DAY, TENANT_DAY, WORKFLOW_DAY -> true;
        };
    }

    /** A budget that does not allow it. @param spent micro-dollars; @param reserved for others that are under way */
    record Refusal(Bound bound, long spent, long reserved) {}

    Optional<Refusal> reserve(Reservation wanted, List<Bound> bounds, Duration lease) {
        var args = new ArrayList<>(List.of(
                clock.map(c -> String.valueOf(c.millis())).orElse(""),
                String.valueOf(lease.toMillis()),
                wanted.exchange(),
                String.valueOf(wanted.micros()),
                text(wanted),
                String.valueOf(BUDGETS_KEPT.toMillis()),
                String.valueOf(BUDGETS_KEPT.toMillis())));
        // The narrowest first: it is the one that the caller can do most about.
        List<Scope> order = wanted.scopes().stream().sorted().toList();
        for (Scope scope : order) {
            args.add(String.valueOf(key(scope) - 1));
            args.add(field(wanted.account(), scope));
            args.add(bound(bounds, scope)
                    .map(bound -> String.valueOf(bound.microsMax()))
                    .orElse(""));
        }
        var keys = List.of(
                ModelKeys.reservations(),
                ModelKeys.reserved(),
                ModelKeys.budgets(wanted.day()),
                ModelKeys.budgets(wanted.account().run()));
        Response reply = reservations.ask(new Call(keys, args));
        if (reply.size() == 0) return Optional.empty();
        Bound refused = bound(bounds, order.get(reply.get(0).toInteger() - 1)).orElseThrow();
        return Optional.of(
                new Refusal(refused, reply.get(1).toLong(), reply.get(2).toLong()));
    }

    private static Optional<Bound> bound(List<Bound> bounds, Scope scope) {
        return bounds.stream().filter(bound -> bound.scope() == scope).findFirst();
    }

    private static int key(Scope scope) {
        return scope == Scope.RUN || scope == Scope.STEP ? RUN_KEY : DAY_KEY;
    }

    /** Of the hash of budgets. */
    private static String field(Account account, Scope scope) {
        return switch (scope) {
            case DAY -> "day";
            case TENANT_DAY -> "tenant|" + account.tenant();
            case WORKFLOW_DAY -> "workflow|" + account.workflow();
            case RUN -> "run";
            case STEP -> "step|" + account.step();
        };
    }

    void charge(Reservation reservation, LedgerLine line) {
        boolean isFree = reservation.scopes().isEmpty();
        if (isFree && NOT_BOUGHT.contains(line.outcome())) return;
        charges.ask(call(reservation, line, isFree ? "free" : "settled"));
    }

    /** For the sweep: as much as Redis takes; the others come again. @return micro-dollars charged as lost */
    long chargeSome(List<Reservation> reservations, List<LedgerLine> lines) {
        var calls = new ArrayList<Call>();
        for (int i = 0; i < lines.size(); i++) {
            LedgerLine line = lines.get(i);
            calls.add(call(reservations.get(i), line, line.outcome().equals(LOST) ? LOST : "settled"));
        }
        List<Optional<Response>> replies = redis.runSome(Script.CHARGE, calls);
        long lost = 0;
        for (int i = 0; i < replies.size(); i++) {
            boolean isCharged = replies.get(i).map(Response::toInteger).orElse(0) == 1;
            if (isCharged && lines.get(i).outcome().equals(LOST))
                lost += lines.get(i).uncertainMicros();
        }
        return lost;
    }

    private static Call call(Reservation reservation, LedgerLine line, String how) {
        Account account = reservation.account();
        Duration markKept = reservation.scopes().isEmpty() ? FREE_KEPT : LOST_KEPT;
        var args = new ArrayList<>(List.of(
                reservation.exchange(),
                how,
                String.valueOf(reservation.micros()),
                String.valueOf(Math.addExact(line.costMicros(), line.uncertainMicros())),
                Names.join(account.tenant(), account.workflow(), line.endpoint(), line.model()),
                Names.join(account.tenant(), account.workflow(), "", ""),
                String.valueOf(markKept.toMillis()),
                String.valueOf(BUDGETS_KEPT.toMillis()),
                String.valueOf(BUDGETS_KEPT.toMillis()),
                String.valueOf(TOTALS_KEPT.toMillis()),
                NOT_BOUGHT.contains(line.outcome()) ? "0" : "1",
                String.valueOf(line.tokens().input()),
                String.valueOf(line.tokens().cached()),
                String.valueOf(line.tokens().output()),
                String.valueOf(line.costMicros()),
                String.valueOf(line.uncertainMicros())));
        for (Scope scope : reservation.scopes()) {
            args.add(String.valueOf(key(scope)));
            args.add(field(account, scope));
        }
        var keys = List.of(
                ModelKeys.reservations(),
                ModelKeys.reserved(),
                ModelKeys.mark(reservation.exchange()),
                ModelKeys.budgets(reservation.day()),
                ModelKeys.budgets(account.run()),
                ModelKeys.totals(reservation.day()));
        return new Call(keys, args);
    }

    /** Whose lease has ended, the first first. */
    List<Reservation> lapsed(int countMax) {
        var args = List.of(clock.map(c -> String.valueOf(c.millis())).orElse(""), String.valueOf(countMax));
        Response flat = redis.run(Script.LAPSED, List.of(ModelKeys.reservations(), ModelKeys.reserved()), args);
        var lapsed = new ArrayList<Reservation>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            lapsed.add(reservation(flat.get(i).toString(), flat.get(i + 1).toString()));
        }
        return lapsed;
    }

    private static String text(Reservation reservation) {
        Account account = reservation.account();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tenant", account.tenant()).put("workflow", account.workflow());
        json.put("run", account.run()).put("step", account.step()).put("attempt", account.attempt());
        json.put("call", reservation.call()).put("micros", reservation.micros());
        json.put("day", reservation.day().toString());
        var scopes = json.putArray("scopes");
        reservation.scopes().forEach(scope -> scopes.add(scope.name()));
        return json.toString();
    }

    private static Reservation reservation(String exchange, String text) {
        JsonNode json = StoredJson.tree(text);
        var account = new Account(
                json.path("tenant").asText(),
                json.path("workflow").asText(),
                json.path("run").asText(),
                json.path("step").asText(),
                json.path("attempt").asInt(),
                "",
                Map.of(),
                "");
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        json.path("scopes").forEach(scope -> scopes.add(Scope.valueOf(scope.asText())));
        return new Reservation(
                account,
                json.path("call").asText(),
                exchange,
                json.path("micros").asLong(),
                LocalDate.parse(json.path("day").asText()),
                scopes);
    }
}
