package dev.sluice.inference;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Finds an endpoint for one call: asks those of the route in their order, goes on to the next when one fails in a way
 * that the route has a fallback for, and waits a little when none takes it now. For one use.
 */
final class Buying {
    /** What calls need to find an endpoint. */
    record Means(Gate gate, Latencies latencies, Keeper keeper, RandomGenerator chance) {}

    private static final Duration PAUSE_MIN = Duration.ofMillis(5);

    /** 100 ms: a place that came free is found by then. */
    private static final Duration PAUSE_MAX = Duration.ofMillis(100);

    /** 100 ms: what failed by chance has passed, and what is overloaded is not asked in a loop. */
    private static final Duration AGAIN = Duration.ofMillis(100);

    private final Means means;
    private final Exchanges exchanges;
    private final Exchanges.Order order;
    private final Gateway.Sink sink;
    private final List<Endpoint> left;
    private final long tokens;
    private final long began = System.nanoTime();
    private final Duration patience;

    /** Those that failed once by a fault of their own: each is asked once more when all others were. */
    private final List<Endpoint> once = new ArrayList<>();

    private final Set<Endpoint> twice = new HashSet<>();

    /** The one of which most is to be hoped. */
    private Failure failure;

    private ProblemException refusal;
    private Endpoint waitedFor;
    private Gate.Wait shortest;
    private boolean crowded;
    private Usage paid = Usage.NONE;

    Buying(Means means, Exchanges exchanges, Exchanges.Order order, Duration patience, Gateway.Sink sink) {
        this.means = means;
        this.exchanges = exchanges;
        this.order = order;
        this.patience = patience;
        this.sink = sink;
        ModelCall call = order.call();
        Route route = order.route();
        long input = TokenEstimate.likely(call.request());
        long output =
                ChatRequest.outputTokensMax(call.request(), route.endpoints().getFirst());
        this.tokens = input + output;
        this.left =
                new ArrayList<>(Choice.order(route, new Tokens(input, 0, output), means.latencies(), means.chance()));
        left.removeIf(endpoint -> endpoint.limits().contextTokens() > 0
                && input + ChatRequest.outputTokensMax(call.request(), endpoint)
                        > endpoint.limits().contextTokens());
        if (left.isEmpty()) throw tooLong(route, input);
    }

    private static ProblemException tooLong(Route route, long input) {
        return Problem.of(
                        Code.SL5009,
                        "the prompt has about " + input
                                + " tokens; with the answer that is more than any endpoint of \"" + route.alias()
                                + "\" takes. Shorten it, or add an endpoint with more context-tokens.")
                .asException();
    }

    Completion run() {
        Duration pause = PAUSE_MIN;
        while (true) {
            Completion completion = ask();
            if (completion != null) return completion;
            Duration wait = waitWorthwhile();
            if (wait.isZero() && once.isEmpty()) throw gaveUp();
            if (!once.isEmpty()) pause = AGAIN;
            if (wait.isZero()) wait = AGAIN;
            // A place may come free at any moment; when a rate or a breaker opens is known.
            boolean unknown = crowded || !once.isEmpty();
            left.addAll(once);
            once.clear();
            LockSupport.parkNanos(unknown ? Math.min(wait.toNanos(), pause.toNanos()) : wait.toNanos());
            if (Thread.currentThread().isInterrupted())
                throw EndpointFailure.aborted(left.getFirst()).asException(paid);
            pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
        }
    }

    /** Asks every endpoint that takes the call now, until one answers. @return null when none does */
    private Completion ask() {
        shortest = null;
        crowded = false;
        for (Endpoint endpoint : List.copyOf(left)) {
            // Asked meanwhile, as the second of two.
            if (!left.contains(endpoint)) continue;
            switch (means.gate().enter(endpoint, tokens)) {
                case Gate.Wait wait -> note(endpoint, wait);
                case Gate.Through through -> {
                    left.remove(endpoint);
                    Completion completion = exchange(through);
                    if (completion != null) return completion;
                }
            }
        }
        return null;
    }

    private void note(Endpoint endpoint, Gate.Wait wait) {
        crowded |= wait.crowded();
        if (shortest != null && shortest.pause().compareTo(wait.pause()) <= 0) return;
        shortest = wait;
        waitedFor = endpoint;
    }

    /** @return null when another endpoint may be asked */
    private Completion exchange(Gate.Through through) {
        try {
            Completion completion = mayHedge()
                    ? new Hedge(exchanges, order, means, left, tokens).run(through)
                    : exchanges.make(order, through, false, sink);
            return completion.after(paid);
        } catch (Failure failed) {
            if (isMoreHopeful(failed)) failure = failed;
            boolean again = isWorthAnotherTry(failed, through.endpoint());
            boolean goesOn = order.route().fallbackOn().contains(failed.trouble()) && !failed.hasBegun();
            if (!goesOn && !again) throw failed.asException(paid);
            // The others are not for this kind of error.
            if (!goesOn) left.clear();
            if (again) once.add(through.endpoint());
            paid = paid.plus(failed.usage());
            return null;
        } catch (ProblemException tooDear) {
            // A cheaper one may fit into the budget.
            if (!tooDear.problem().code().equals(Code.SL5007.name())) throw tooDear;
            if (isMoreHopeful(tooDear)) refusal = tooDear;
            return null;
        }
    }

    /** An error that the endpoint made, and that it did not say how long to wait after. */
    private boolean isWorthAnotherTry(Failure failed, Endpoint endpoint) {
        return failed.trouble() == Trouble.SERVER_ERROR
                && !failed.isPaid()
                && !failed.hasBegun()
                && !failed.pause().isPositive()
                && twice.add(endpoint);
    }

    /** Of endpoints that ask for a pause, the one that asks for the shortest can be asked first. */
    private boolean isMoreHopeful(Failure failed) {
        if (failure == null) return true;
        boolean later = isPause(failure) && isPause(failed) && failed.pause().compareTo(failure.pause()) > 0;
        return failed.problem().retryable() && !later;
    }

    private static boolean isPause(Failure failed) {
        return failed.trouble() == Trouble.RATE_LIMITED && failed.problem().retryable();
    }

    /** What is too dear for the whole budget must not hide what another endpoint will do when there is room again. */
    private boolean isMoreHopeful(ProblemException tooDear) {
        if (refusal == null) return true;
        Problem one = tooDear.problem();
        Problem other = refusal.problem();
        return one.retryable() && (!other.retryable() || one.retryAfter().compareTo(other.retryAfter()) < 0);
    }

    private boolean mayHedge() {
        return sink == null && order.route().hedge() && order.call().hedged() && !left.isEmpty();
    }

    /** Zero: not at all. */
    private Duration waitWorthwhile() {
        if (shortest == null || Thread.currentThread().isInterrupted()) return Duration.ZERO;
        Duration rest = patience.minusNanos(System.nanoTime() - began);
        boolean inTime = shortest.crowded() || shortest.pause().compareTo(rest) < 0;
        return inTime && rest.isPositive() ? min(shortest.pause(), rest) : Duration.ZERO;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** As long as one of them was not asked because it is not its time, the call has not failed: it waits. */
    private ProblemException gaveUp() {
        if (shortest != null && isBestHope(shortest)) {
            Duration waited = Duration.ofNanos(System.nanoTime() - began);
            failure = shortest.crowded()
                    ? EndpointFailure.crowded(waitedFor, waited, shortest.pause())
                    : EndpointFailure.notNow(waitedFor, shortest.why(), shortest.pause());
            return failure.asException(paid);
        }
        boolean hopeless = failure == null || !failure.problem().retryable();
        if (refusal != null && (failure == null || hopeless && refusal.problem().retryable())) {
            return new ProblemException(refusal.problem(), paid, refusal);
        }
        return new ProblemException(failure.problem(), paid, failure);
    }

    private boolean isBestHope(Gate.Wait wait) {
        return failure == null || !isPause(failure) || wait.pause().compareTo(failure.pause()) < 0;
    }
}
