package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Books.Reservation;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * One request to one endpoint and its answer, with everything that must be written down about it: the money is set
 * aside before, the answer and what it cost are in the books before anybody sees the answer.
 */
final class Exchanges {
    private static final Logger LOG = Logger.getLogger(Exchanges.class);

    /** 30 s more than the call may take: what a process needs to write down what came of it. */
    private static final Duration LEASE_MARGIN = Duration.ofSeconds(30);

    private final Books books;
    private final Health health;
    private final Gate gate;
    private final Upstream upstream;
    private final Latencies latencies;
    private final ModelMeter meter;
    private final ModelSpans spans;
    private final Clock clock;
    private final RandomGenerator chance;

    Exchanges(
            Books books,
            Health health,
            Gate gate,
            Upstream upstream,
            Latencies latencies,
            ModelMeter meter,
            ModelSpans spans,
            Clock clock,
            RandomGenerator chance) {
        this.books = books;
        this.health = health;
        this.gate = gate;
        this.upstream = upstream;
        this.latencies = latencies;
        this.meter = meter;
        this.spans = spans;
        this.clock = clock;
        this.chance = chance;
    }

    /**
     * What all exchanges of one call have in common.
     *
     * @param owner of the call in the journal; "" when it is not journaled
     * @param bounds budgets that hold for it
     */
    record Order(ModelCall call, Route route, String owner, List<Books.Bound> bounds) {}

    /** One exchange under way. */
    private record Under(
            Order order,
            Gate.Through entry,
            boolean hedge,
            Reservation money,
            ModelSpans.Exchange span,
            long startedNanos) {
        Endpoint endpoint() {
            return entry.endpoint();
        }

        long millis() {
            return (System.nanoTime() - startedNanos) / 1_000_000;
        }
    }

    /**
     * Leaves the gate in every case.
     *
     * @param sink takes the answer as it comes; null: as a whole
     * @throws Failure when there is no answer that can be used
     * @throws ProblemException SL5007 when a budget is used up
     */
    Completion make(Order order, Gate.Through entry, boolean hedge, Gateway.Sink sink) {
        Endpoint endpoint = entry.endpoint();
        ModelCall call = order.call();
        ObjectNode request;
        Under under;
        try {
            request = ChatRequest.adapted(call.request(), call.operation(), endpoint, sink != null);
            Duration most = endpoint.timeouts().total();
            if (sink != null) most = most.plus(endpoint.timeouts().firstToken());
            Reservation money = setAside(order, endpoint, request, most);
            under = new Under(order, entry, hedge, money, span(call, endpoint, request), System.nanoTime());
        } catch (RuntimeException | Error notBegun) {
            gate.leave(entry, false, 0);
            throw notBegun;
        }
        try {
            byte[] bytes = request.toString().getBytes(StandardCharsets.UTF_8);
            Got got = ask(under, bytes, sink);
            // What was passed on cannot be taken back, and another endpoint cannot go on with it.
            boolean heldBack = sink == null && isHeldBack(order, got.body());
            return answered(under, request, got, heldBack);
        } catch (Failure failure) {
            failed(under, failure);
            throw failure;
        } catch (RuntimeException | Error defect) {
            // The reader of a stream went away, or worse: nobody knows what the endpoint made of it.
            uncertain(under, defect instanceof ReaderGone ? "cancelled" : Code.SL9001.name());
            throw defect;
        }
    }

    /**
     * An answer that was paid for before: by an earlier attempt, or by somebody of the same tenant. It has a line of
     * its own, that says where it came from and costs nothing; one from the cache becomes this step's own.
     */
    Completion again(Order order, Purchase known, Completion.Source source, Usage usage, Gateway.Sink sink) {
        ModelCall call = order.call();
        Account account = call.account();
        JsonNode body = ChatAnswer.parse(known.body()).orElseThrow();
        Reservation nothing = books.reserve(account, call.key(), newId(), List.of(), 0, LEASE_MARGIN);
        var line = new LedgerLine(
                clock.instant(),
                call.key(),
                nothing.exchange(),
                known.endpoint(),
                known.model(),
                Tokens.NONE,
                0,
                0,
                0,
                source.word(),
                call.rung(),
                false,
                "");
        Optional<Purchase> own = source == Completion.Source.CACHE
                ? Optional.of(new Purchase(
                        known.endpoint(),
                        known.model(),
                        Tokens.NONE,
                        0,
                        account.attempt(),
                        known.body(),
                        clock.instant()))
                : Optional.empty();
        write(nothing, line, order.owner(), own);
        Replay.to(sink, known.endpoint(), known.model(), body);
        return new Completion(
                body,
                known.endpoint(),
                known.model(),
                usage,
                source,
                order.route().escalate());
    }

    private String newId() {
        return HexFormat.of().toHexDigits(chance.nextLong()) + HexFormat.of().toHexDigits(chance.nextLong());
    }

    /** @param longest time that it can take: a stream's begins with its head */
    private Reservation setAside(Order order, Endpoint endpoint, ObjectNode request, Duration longest) {
        ModelCall call = order.call();
        long prompt = TokenEstimate.atMost(request);
        int window = endpoint.limits().contextTokens();
        long answer = call.operation() == Operation.CHAT ? ChatRequest.outputTokensMax(call.request(), endpoint) : 0;
        var most = new Tokens(window > 0 ? Math.min(prompt, window) : prompt, 0, answer);
        long micros = endpoint.price().cost(most, longest, endpoint.limits().concurrency());
        return Undisturbed.get(() ->
                books.reserve(call.account(), call.key(), newId(), order.bounds(), micros, longest.plus(LEASE_MARGIN)));
    }

    private ModelSpans.Exchange span(ModelCall call, Endpoint endpoint, ObjectNode request) {
        return spans.begin(new ModelSpans.Call(
                call.operation().word,
                "openai",
                endpoint.name(),
                endpoint.url().get(),
                request,
                call.account(),
                call.traceparent()));
    }

    private record Got(JsonNode body, String text, Optional<Duration> usedUp) {}

    private Got ask(Under under, byte[] request, Gateway.Sink sink) {
        ModelCall call = under.order().call();
        Endpoint endpoint = under.endpoint();
        String trace = under.span().traceparent();
        var carried = new Upstream.Carried(under.money().exchange(), trace.isEmpty() ? null : trace);
        if (sink != null) {
            try (EventStream events = upstream.stream(endpoint, call.operation(), request, carried)) {
                ObjectNode whole = new Relay(endpoint, events, under.span().watching(sink, under.startedNanos())).run();
                return new Got(whole, whole.toString(), events.usedUp());
            }
        }
        Upstream.Whole whole = upstream.whole(endpoint, call.operation(), request, carried);
        JsonNode body = ChatAnswer.parse(whole.body())
                .orElseThrow(() -> EndpointFailure.noCompletion(endpoint, "it is not a JSON object"));
        return new Got(body, whole.body(), whole.usedUp());
    }

    private Completion answered(Under under, JsonNode request, Got got, boolean heldBack) {
        Endpoint endpoint = under.endpoint();
        ModelCall call = under.order().call();
        Tokens tokens = ChatAnswer.tokens(got.body(), request);
        long millis = under.millis();
        long micros = endpoint.price()
                .cost(tokens, Duration.ofMillis(millis), endpoint.limits().concurrency());
        Optional<String> flaw = ChatAnswer.incomplete(got.body(), call.operation());
        boolean filtered = flaw.isEmpty() && heldBack;
        String outcome = flaw.isPresent() ? Code.SL5003.name() : filtered ? Code.SL5010.name() : "answered";
        Optional<Purchase> purchase = outcome.equals("answered")
                ? Optional.of(new Purchase(
                        endpoint.name(),
                        endpoint.model(),
                        tokens,
                        micros,
                        call.account().attempt(),
                        got.text(),
                        clock.instant()))
                : Optional.empty();
        settle(under, line(under, tokens, micros, 0, millis, outcome), purchase);
        if (outcome.equals("answered")) under.span().answered(got.body(), tokens, micros);
        else under.span().failed(outcome);
        gate.leave(under.entry(), true, tokens.input() + tokens.output());
        if (flaw.isPresent()) health.failed(endpoint.name());
        else health.succeeded(endpoint.name());
        got.usedUp().ifPresent(wait -> health.rest(endpoint.quota(), wait));
        if (flaw.isPresent())
            throw EndpointFailure.noCompletion(endpoint, flaw.get()).paid(tokens, micros);
        if (filtered) throw EndpointFailure.contentFiltered(endpoint).paid(tokens, micros);
        latencies.took(under.order().route(), endpoint, millis);
        return new Completion(
                got.body(),
                endpoint.name(),
                endpoint.model(),
                tokens.usage(micros),
                Completion.Source.BOUGHT,
                under.order().route().escalate());
    }

    /** Another endpoint may give what this one's filter held back. */
    private static boolean isHeldBack(Order order, JsonNode body) {
        return order.route().fallbackOn().contains(Trouble.FILTER) && ChatAnswer.isFiltered(body);
    }

    private void failed(Under under, Failure failure) {
        // Written down already, with its answer.
        if (failure.isPaid()) return;
        String name = under.endpoint().name();
        Trouble trouble = failure.trouble();
        if (trouble == Trouble.RATE_LIMITED) health.rest(under.endpoint().quota(), failure.pause());
        if (trouble.isIllness()) health.failed(name);
        else if (trouble != Trouble.ABANDONED) health.succeeded(name);
        if (trouble == Trouble.ABANDONED) latencies.gaveUp(under.order().route(), under.millis());
        String outcome =
                trouble == Trouble.ABANDONED ? "cancelled" : failure.problem().code();
        under.span().failed(outcome);
        long atMost = failure.mayBePaid() ? under.money().micros() : 0;
        settle(under, line(under, Tokens.NONE, 0, atMost, under.millis(), outcome), Optional.empty());
        gate.leave(under.entry(), true, 0);
    }

    private void uncertain(Under under, String outcome) {
        under.span().failed(outcome);
        settle(under, line(under, Tokens.NONE, 0, under.money().micros(), under.millis(), outcome), Optional.empty());
        gate.leave(under.entry(), true, 0);
    }

    private LedgerLine line(Under under, Tokens tokens, long micros, long uncertain, long millis, String outcome) {
        Endpoint endpoint = under.endpoint();
        ModelCall call = under.order().call();
        meter.count(endpoint, call.operation(), outcome, tokens, micros, Duration.ofMillis(millis));
        return new LedgerLine(
                clock.instant(),
                call.key(),
                under.money().exchange(),
                endpoint.name(),
                endpoint.model(),
                tokens,
                micros,
                uncertain,
                millis,
                outcome,
                call.rung(),
                under.hedge(),
                endpoint.prices());
    }

    private void settle(Under under, LedgerLine line, Optional<Purchase> purchase) {
        write(under.money(), line, under.order().owner(), purchase);
    }

    /**
     * Also when nobody waits any more. An answer that cannot be written down is given all the same: it is paid, and the
     * money set aside for it is counted as spent when its lease ends.
     */
    private void write(Reservation money, LedgerLine line, String owner, Optional<Purchase> purchase) {
        try {
            Undisturbed.run(() -> books.settle(money, line, owner, purchase));
        } catch (RuntimeException e) {
            LOG.errorf(
                    e,
                    "run=%s step=%s exchange=%s endpoint=%s costMicros=%d could not be written down",
                    money.account().run(),
                    money.account().step(),
                    line.exchange(),
                    line.endpoint(),
                    line.costMicros());
        }
    }
}
