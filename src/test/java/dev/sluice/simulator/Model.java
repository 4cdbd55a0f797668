package dev.sluice.simulator;

import dev.sluice.simulator.Exchange.Plan;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What answers chats and embeddings: decides what befalls each request, and keeps the bills. For one event loop. */
final class Model {
    /** Bodies that were read before; they are kept when no time may pass. 1,000: more than a benchmark asks. */
    private static final int READ_MAX = 1_000;

    /** So many events a second are enough for the eye, and for whoever counts tokens as they come. */
    private static final double EVENTS_PER_SECOND = 20;

    /** Ten events of the usual answer. */
    private static final int INSTANT_TOKENS_PER_EVENT = 3;

    private final Vertx vertx;
    private final Clock clock;
    private final Map<String, Integer> arrivals = new HashMap<>();
    private final Map<Buffer, Ready> read = new HashMap<>();
    private Bills bills = new Bills();
    private Options options;
    private int inFlight;

    /** All by {@link System#nanoTime}, in ms. */
    private long began = now();

    private long warmAt;
    private long lastEnded = Long.MIN_VALUE;
    private long stormUntil = Long.MIN_VALUE;

    /** What an instant answer to the same bytes is made of. */
    private record Ready(Question question, Answer answer, Plan plan) {}

    Model(Vertx vertx, Options options, Clock clock) {
        this.vertx = vertx;
        this.options = options;
        this.clock = clock;
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    void set(Options changed) {
        options = changed;
        read.clear();
    }

    Options options() {
        return options;
    }

    Bills bills() {
        return bills;
    }

    int inFlight() {
        return inFlight;
    }

    /** As if nothing had come yet; options stay. */
    void reset() {
        arrivals.clear();
        bills = new Bills();
        began = now();
        stormUntil = Long.MIN_VALUE;
        lastEnded = Long.MIN_VALUE;
    }

    void storm(Duration length) {
        stormUntil = now() + length.toMillis();
    }

    void chat(HttpServerRequest request, Buffer body) {
        Ready ready = read.get(body);
        if (ready != null && admit(request, ready.question()).isPresent()) {
            arrivals.merge(ready.question().hash(), 1, Integer::sum);
            deliver(request, Bills.Item.of(ready.question(), ready.answer(), request), ready.plan());
            return;
        }
        if (ready != null) return;
        ask(request, body).ifPresent(asked -> {
            Answer answer = Answer.to(asked.question(), options, asked.chance());
            Plan plan = plan(asked.question(), answer, asked.chance());
            boolean isUsual =
                    options.instant() && options.isSteady() && answer.calls().isEmpty();
            if (isUsual && read.size() < READ_MAX) read.put(body, new Ready(asked.question(), answer, plan));
            if (asked.chance().of("hang", options.hangRate())) plan = plan.hanging();
            if (asked.chance().of("cut", options.cutRate())) plan = plan.cut();
            deliver(request, Bills.Item.of(asked.question(), answer, request), plan);
        });
    }

    void embed(HttpServerRequest request, Buffer body) {
        ask(request, body).ifPresent(asked -> {
            Question question = asked.question();
            var answer = new Answer("", List.of(), "stop", question.inputTokens(), 0, 0, true);
            Plan plan = Plan.whole(Embeddings.of(question, options.dimensions()), first());
            deliver(request, Bills.Item.of(question, answer, request), plan);
        });
    }

    private record Asked(Question question, Chance chance) {}

    /** Empty when it was refused. */
    private Optional<Asked> ask(HttpServerRequest request, Buffer body) {
        Question question;
        try {
            question = Question.read(body);
        } catch (IOException notJson) {
            bills.came();
            String message = "We could not parse the JSON body of your request.";
            refuse(request, Refusal.of(400, "invalid_request_error", null, message));
            return Optional.empty();
        }
        return admit(request, question).flatMap(admitted -> {
            var chance = new Chance(options.seed(), question.hash(), arrivals.merge(question.hash(), 1, Integer::sum));
            Optional<Refusal> refusal = Refusal.of(question, options, chance);
            refusal.ifPresent(it -> refuse(request, it));
            return refusal.isPresent() ? Optional.empty() : Optional.of(new Asked(question, chance));
        });
    }

    /** What goes by time does not count as an arrival, so that it does not change what befalls those that follow. */
    private Optional<Question> admit(HttpServerRequest request, Question question) {
        bills.came();
        if (!options.key().isEmpty() && !("Bearer " + options.key()).equals(request.getHeader("authorization"))) {
            refuse(request, Refusal.of(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."));
            return Optional.empty();
        }
        long storm = stormLeft();
        if (storm > 0 || options.capacity() > 0 && inFlight >= options.capacity()) {
            var chance = new Chance(options.seed(), question.hash(), arrivals.getOrDefault(question.hash(), 0));
            long wait = storm > 0 ? storm : options.retryAfterTime();
            refuse(request, Refusal.limited(Duration.ofMillis(wait), options, chance));
            return Optional.empty();
        }
        return Optional.of(question);
    }

    /** In ms. */
    private long stormLeft() {
        long left = stormUntil == Long.MIN_VALUE ? 0 : stormUntil - now();
        if (options.stormEvery() <= 0) return left;
        long into = (now() - began) % options.stormEvery();
        return Math.max(left, options.stormTime() - into);
    }

    private void refuse(HttpServerRequest request, Refusal refusal) {
        bills.refused(refusal.status());
        refusal.answer(request, options.echo(), clock.instant());
    }

    private Plan plan(Question question, Answer answer, Chance chance) {
        var completion =
                new Completion(question, answer, chance, clock.instant().getEpochSecond());
        double perToken = 1_000 / options.tokensPerSecond();
        if (question.isStreamed()) {
            int tokens = options.instant()
                    ? INSTANT_TOKENS_PER_EVENT
                    : (int) Math.ceil(options.tokensPerSecond() / EVENTS_PER_SECOND);
            return Plan.stream(completion.events(tokens), first(), tokens * perToken);
        }
        long generating = Math.round(answer.output() * perToken);
        return Plan.whole(completion.whole(), options.instant() ? -1 : first() + generating);
    }

    /** Ms until the first token, with the start of a model that is cold. */
    private long first() {
        if (options.instant()) return -1;
        boolean isIdle = lastEnded == Long.MIN_VALUE || now() - lastEnded > options.idle();
        if (inFlight == 0 && isIdle) warmAt = now() + options.coldStart();
        return Math.max(0, warmAt - now()) + options.firstToken();
    }

    private void deliver(HttpServerRequest request, Bills.Item item, Plan plan) {
        inFlight++;
        Options asSet = options;
        Bills payable = bills;
        new Exchange(vertx, request, plan, asSet, whole -> {
                    inFlight--;
                    lastEnded = now();
                    if (whole) payable.add(item, asSet);
                    else payable.cutOff(item, asSet);
                })
                .begin();
    }
}
