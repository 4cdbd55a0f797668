package dev.sluice.inference;

import dev.sluice.inference.Books.Opening;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks endpoints: looks into the journal, then buys from the first endpoint of the route that takes the request, and
 * from the next when that one fails.
 */
final class LocalGateway implements Gateway {
    /** What somebody else is buying is looked for so often. */
    private static final Duration LOOK_MIN = Duration.ofMillis(20);

    private static final Duration LOOK_MAX = Duration.ofMillis(500);

    private final Routes routes;
    private final Asked asked;
    private final Books books;
    private final Budgets budgets;
    private final AnswerCache cache;
    private final Exchanges exchanges;
    private final Buying.Means means;
    private final Duration patience;
    private final Upkeep upkeep;

    LocalGateway(
            Routes routes,
            Asked asked,
            Books books,
            Budgets budgets,
            AnswerCache cache,
            Exchanges exchanges,
            Buying.Means means,
            Duration patience,
            Upkeep upkeep) {
        this.routes = routes;
        this.asked = asked;
        this.books = books;
        this.budgets = budgets;
        this.cache = cache;
        this.exchanges = exchanges;
        this.means = means;
        this.patience = patience;
        this.upkeep = upkeep;
    }

    @Override
    public void start() {
        routes.check();
        upkeep.start();
    }

    @Override
    public void stop() {
        upkeep.stop();
    }

    @Override
    public List<String> aliases() {
        return routes.aliases();
    }

    @Override
    public void forget(Account account, List<String> keys) {
        books.forget(account, keys);
    }

    @Override
    public Completion complete(ModelCall call, Sink sink) {
        Route route = routes.of(call.alias());
        asked.check(call.request());
        if (call.key().isEmpty()) return buy(new Opening.Mine(""), call, route, sink);
        return switch (open(call)) {
            case Opening.Recorded recorded -> replay(call, route, recorded.purchase(), sink);
            case Opening.Mine mine -> buyFor(mine, call, route, sink);
            case Opening.Busy busy -> throw boughtBySomebodyElse(busy.left());
        };
    }

    private Completion buyFor(Opening.Mine mine, ModelCall call, Route route, Sink sink) {
        Keeper.Kept kept = means.keeper().keep(call, mine.owner());
        try {
            return buy(mine, call, route, sink);
        } catch (RuntimeException | Error failed) {
            // First, or else its lease may be renewed after it was given up.
            kept.close();
            Undisturbed.run(() -> books.release(call.account(), call.key(), mine.owner()));
            throw failed;
        } finally {
            kept.close();
        }
    }

    /** Waits for whoever is buying the same answer, as long as it is worth a thread. */
    private Opening open(ModelCall call) {
        long end = System.nanoTime() + patience.toNanos();
        Duration pause = LOOK_MIN;
        Opening opening = books.open(call.account(), call.key(), Keeper.LEASE);
        while (opening instanceof Opening.Busy
                && System.nanoTime() < end
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.multipliedBy(2).compareTo(LOOK_MAX) < 0 ? pause.multipliedBy(2) : LOOK_MAX;
            opening = books.open(call.account(), call.key(), Keeper.LEASE);
        }
        return opening;
    }

    private static RuntimeException boughtBySomebodyElse(Duration left) {
        return Problem.of(
                        Code.SL5004,
                        "another attempt of this step is waiting for the same answer. It is taken from there when it"
                                + " has come.")
                .retryAfter(left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left)
                .asException();
    }

    private Completion buy(Opening.Mine mine, ModelCall call, Route route, Sink sink) {
        var order = new Exchanges.Order(call, route, mine.owner(), budgets.of(call.account()));
        // What could not be used is most likely what the cache has.
        Optional<Purchase> found = mine.again() ? Optional.empty() : cache.find(call, route);
        if (found.isPresent()) {
            return exchanges.again(order, found.get(), Completion.Source.CACHE, Usage.NONE, sink);
        }
        Completion completion = new Buying(means, exchanges, order, patience, sink).run();
        cache.keep(call, route, completion);
        return completion;
    }

    /** What an earlier attempt bought, it has told; what this one bought and had no time to tell, it tells now. */
    private Completion replay(ModelCall call, Route route, Purchase purchase, Sink sink) {
        boolean told = purchase.attempt() != call.account().attempt();
        Usage usage = told ? Usage.NONE : purchase.tokens().usage(purchase.costMicros());
        var order = new Exchanges.Order(call, route, "", List.of());
        return exchanges.again(order, purchase, Completion.Source.JOURNAL, usage, sink);
    }
}
