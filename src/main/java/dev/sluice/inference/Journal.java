package dev.sluice.inference;

import dev.sluice.inference.Books.Opening;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RedisLink.Call;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Script;
import dev.sluice.queue.Together;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Answers that were paid for, who buys one, and the lines of each run's ledger, with the run in its partition. */
final class Journal {
    /**
     * 1 MiB: more than any model answers in text; what is larger holds images or many embeddings, and Redis would keep
     * it for as long as the run. It is bought again when it is asked for again.
     */
    static final int BODY_BYTES_MAX = 1024 * 1024;

    /** 256, as many as {@link RedisLink} sends at once. */
    private static final int TOGETHER_MAX = 256;

    /** {@code journal.lua}: what was recorded is of no use, also in the run that this one was forked from. */
    private static final String MINE_ALONE = "2";

    private final RedisLink redis;
    private final Optional<Clock> clock;
    private final Map<Partition, Together<Call, Response>> openings = new ConcurrentHashMap<>();
    private final Map<Partition, Together<Call, Response>> records = new ConcurrentHashMap<>();

    /** @param clock instead of the one of Redis */
    Journal(RedisLink redis, Optional<Clock> clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /**
     * What {@code record.lua} is to write. Empty texts: nothing of the kind.
     *
     * @param answer as {@link PurchaseCodec} writes it; @param owner who gives the call up
     * @param line as {@link LineCodec} writes it; @param isLost the line says that the exchange got lost
     */
    record Entry(JournalPlace place, String answer, String owner, String exchange, String line, boolean isLost) {
        private Call call() {
            return new Call(
                    place.keys(),
                    List.of(
                            place.answer(),
                            answer,
                            place.buyer(),
                            owner,
                            JournalPlace.line(exchange),
                            line,
                            isLost ? "1" : "",
                            String.valueOf(place.kept().toMillis())));
        }
    }

    /** @param owner whom it belongs to when nobody has it */
    Opening open(JournalPlace place, Account account, String owner, Duration lease) {
        var args = List.of(
                clock.map(c -> String.valueOf(c.millis())).orElse(""),
                place.answer(),
                place.buyer(),
                owner,
                String.valueOf(lease.toMillis()),
                String.valueOf(place.kept().toMillis()));
        List<String> keys = place.partition().isPresent()
                ? List.of(place.keys().get(0), place.keys().get(2))
                : place.keys();
        String reply =
                run(Script.JOURNAL, openings, place, new Call(keys, args)).toString();
        if (reply.startsWith("{")) return new Opening.Recorded(PurchaseCodec.purchase(reply));
        if (reply.startsWith("-")) return new Opening.Busy(Duration.ofMillis(-Long.parseLong(reply)));
        if (reply.equals(MINE_ALONE)) return new Opening.Mine(owner, true);
        return ofOrigin(place, account)
                .map(answer -> copy(place, answer, owner))
                .orElseGet(() -> new Opening.Mine(owner));
    }

    /** The run that this one was forked from is in any slot: it is asked by itself. */
    private Optional<String> ofOrigin(JournalPlace place, Account account) {
        return RunId.partition(account.origin())
                .map(p -> redis.send(Command.HGET, Keys.journal(p, account.origin()), place.answer()))
                .map(Response::toString)
                .filter(answer -> !answer.isEmpty());
    }

    private Opening copy(JournalPlace place, String answer, String owner) {
        record(new Entry(place, answer, owner, "", "", false));
        return new Opening.Recorded(PurchaseCodec.purchase(answer));
    }

    void record(Entry entry) {
        run(Script.RECORD, records, entry.place(), entry.call());
    }

    /** For the sweep. @return for each the line as it stands now; empty where Redis did not answer */
    List<Optional<String>> record(List<Entry> entries) {
        List<Call> calls = entries.stream().map(Entry::call).toList();
        return redis.runSome(Script.RECORD, calls).stream()
                .map(reply -> reply.map(Response::toString))
                .toList();
    }

    void forget(Account account, List<String> calls) {
        for (String call : calls) {
            JournalPlace.of(account, call)
                    .ifPresent(place -> redis.run(Script.FORGET, List.of(place.journal()), List.of(place.answer())));
        }
    }

    /** Empty when it is too large to be kept. */
    static String answer(Optional<Purchase> purchase) {
        return purchase.filter(Journal::isKept).map(PurchaseCodec::text).orElse("");
    }

    private static boolean isKept(Purchase purchase) {
        String body = purchase.body();
        return body.length() <= BODY_BYTES_MAX / 4 || body.getBytes(StandardCharsets.UTF_8).length <= BODY_BYTES_MAX;
    }

    /** Together with others of the partition; those without one are few. */
    private Response run(Script script, Map<Partition, Together<Call, Response>> pipes, JournalPlace place, Call call) {
        return place.partition()
                .map(p -> pipes.computeIfAbsent(
                        p, each -> new Together<>(TOGETHER_MAX, calls -> redis.runAll(script, calls))))
                .map(pipe -> pipe.ask(call))
                .orElseGet(() -> redis.run(script, call.keys(), call.args()));
    }
}
