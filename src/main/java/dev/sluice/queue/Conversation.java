package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * One call, until it is answered: in each round, every server gets what it is to answer of that which is still open,
 * all at the same time. For one use.
 */
final class Conversation {
    /** Redis answers in microseconds; what takes longer than this is a Redis that hangs or is cut off. */
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    /** 2 s: a duty that comes again each second must not wait for one server among several. */
    private static final Duration GLANCE_TIMEOUT = Duration.ofSeconds(2);

    /**
     * 256: large enough that the round trip is shared, small enough that one batch does not hold up others for long.
     */
    private static final int BATCH_MAX = 256;

    private static final Duration PAUSE_MIN = Duration.ofMillis(20);

    /** 500 ms: what comes back is noticed soon, and what is gone is not asked for much. */
    private static final Duration PAUSE_MAX = Duration.ofMillis(500);

    /** A client answers so when it could not even write: a full queue, or a connection that had ended before. */
    private static final List<String> NOT_WRITTEN = List.of("Connection is closed", "Redis waiting queue is full");

    /** The part of one server in a round: places of the requests in the caller's list, rising. */
    private record Share(String server, List<Integer> places, Future<List<Response>> replies) {}

    /** May be answered in the next round. */
    private static final class Passing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Passing(Throwable cause) {
            super(cause);
        }
    }

    private final RedisServers servers;
    private final Durability durability;
    private final Asking asking;
    private final Response[] replies;
    private final boolean[] answered;
    private final Set<String> scriptLoaded = new HashSet<>();
    private final long began = System.nanoTime();
    private Duration timeout = ANSWER_TIMEOUT;
    private Duration pause = PAUSE_MIN;
    private SlotMap map;
    /** Server of the last failure; empty when not even that was known. */
    private String missing = "";

    Conversation(RedisServers servers, Durability durability, Asking asking) {
        this.servers = servers;
        this.durability = durability;
        this.asking = asking;
        this.replies = new Response[asking.requests().size()];
        this.answered = new boolean[replies.length];
    }

    /**
     * @return a list of the caller's own
     * @throws ProblemException SL1010, SL1011, SL1012, SL2016
     */
    List<Response> all() {
        while (isOpen()) {
            Throwable failure = round();
            if (failure != null) prepareAgain(failure);
        }
        return new ArrayList<>(Arrays.asList(replies));
    }

    /** Empty where no answer came at the first try. */
    List<Optional<Response>> some() {
        timeout = GLANCE_TIMEOUT;
        boolean failed = false;
        while (isOpen() && !failed) failed = round() != null;
        if (failed) lookAgain();
        var some = new ArrayList<Optional<Response>>(replies.length);
        for (int i = 0; i < replies.length; i++) {
            some.add(Optional.ofNullable(replies[i]));
        }
        return some;
    }

    private boolean isOpen() {
        for (boolean done : answered) if (!done) return true;
        return false;
    }

    /** @return why a part of it has to be asked again; null when all went well */
    private Throwable round() {
        Throwable failure = null;
        try {
            map = servers.map();
            for (Share share : shares()) {
                try {
                    take(share);
                } catch (Passing e) {
                    missing = share.server();
                    failure = e.getCause();
                } catch (ProblemException | RedisRefused e) {
                    if (timeout == ANSWER_TIMEOUT) throw e;
                    failure = e;
                }
            }
        } catch (NotSent e) {
            failure = e;
        }
        return failure;
    }

    /** Sends them. */
    private List<Share> shares() {
        var places = new LinkedHashMap<String, List<Integer>>();
        for (int i = 0; i < answered.length; i++) {
            if (answered[i]) continue;
            String server = map.server(map.isWhole() ? 0 : asking.slot(i));
            if (server == null) throw new NotSent("no server of the cluster has slot " + asking.slot(i));
            List<Integer> its = places.computeIfAbsent(server, s -> new ArrayList<>());
            if (its.size() < BATCH_MAX) its.add(i);
        }
        return places.entrySet().stream()
                .map(e -> new Share(e.getKey(), e.getValue(), send(e.getKey(), batch(e.getValue()))))
                .toList();
    }

    private List<Request> batch(List<Integer> places) {
        var batch = new ArrayList<Request>(places.size() + 2);
        for (int place : places) batch.add(asking.requests().get(place));
        if (confirms()) {
            batch.add(asking.confirmation(places.getFirst()));
            batch.add(RedisLink.request(
                    Command.WAIT, durability.replicas(), durability.timeout().toMillis()));
        }
        return batch;
    }

    private boolean confirms() {
        return durability.replicas() > 0 && asking.isAnswered();
    }

    private Future<List<Response>> send(String server, List<Request> batch) {
        Redis client = servers.client(server);
        return client.connect()
                .recover(e -> Future.failedFuture(new NotSent(e.getMessage(), e)))
                .compose(connection -> send(connection, batch).onComplete(done -> connection.close()));
    }

    private static Future<List<Response>> send(RedisConnection connection, List<Request> batch) {
        return batch.size() == 1
                ? connection.send(batch.getFirst()).map(Collections::singletonList)
                : connection.batch(batch);
    }

    private void take(Share share) {
        List<Response> got;
        try {
            got = await(share);
        } catch (RedisRefused e) {
            refused(share, e);
            return;
        }
        servers.answered(share.server());
        for (int i = 0; i < share.places().size(); i++) {
            replies[share.places().get(i)] = got.get(i);
            answered[share.places().get(i)] = true;
        }
        if (confirms()) requireReplicas(got.getLast().toInteger());
    }

    /**
     * Whatever was sent is waited for, by an interrupted thread too: it is done, and others' calls may go with it. Who
     * is interrupted only waits for no server that is missing.
     */
    private List<Response> await(Share share) {
        var replies = share.replies().toCompletionStage().toCompletableFuture();
        long end = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return replies.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw failed(e.getCause());
        } catch (TimeoutException e) {
            lookAgain();
            throw unreachable("no answer within " + timeout.toSeconds() + " s", e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private RuntimeException failed(Throwable cause) {
        if (cause instanceof ErrorType refused && !RedisRefused.isLostConnection(refused)) {
            return new RedisRefused(refused);
        }
        // A connection that ends in the middle of a write has no message.
        boolean sent = !(cause instanceof NotSent) && !NOT_WRITTEN.contains(String.valueOf(cause.getMessage()));
        return sent && !asking.again() ? unreachable(cause.getMessage(), cause) : new Passing(cause);
    }

    /** What to do about an error reply: nothing when the next round goes without a pause. */
    private void refused(Share share, RedisRefused e) {
        servers.answered(share.server());
        if (e.is("NOSCRIPT") && asking.script().isPresent() && scriptLoaded.add(share.server())) {
            Request load = RedisLink.request(
                    Command.SCRIPT, "LOAD", asking.script().get().source());
            await(new Share(share.server(), List.of(), send(share.server(), List.of(load))));
            return;
        }
        if (e.isFull()) throw full(e);
        if (e.isShut()) throw shut(e);
        // Of a batch, others may have been done.
        if (e.willPass() && (asking.again() || share.places().size() == 1)) throw new Passing(e);
        throw e;
    }

    /** Waits a moment and finds out who has what by now. */
    private void prepareAgain(Throwable failure) {
        long left = durability.patience().toNanos() - (System.nanoTime() - began);
        if (left <= 0 && !missing.isEmpty()) servers.giveUp(missing);
        if (left <= 0 || servers.isGone(missing) || Thread.currentThread().isInterrupted()) {
            lookAgain();
            throw unreachable(String.valueOf(failure.getMessage()), failure);
        }
        LockSupport.parkNanos(Math.min(left, pause.toNanos()));
        pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
        lookAgain();
    }

    private void lookAgain() {
        try {
            if (map != null) servers.look(map);
        } catch (NotSent e) {
            // Nobody answers; the next round goes by what was known.
        }
    }

    private void requireReplicas(int have) {
        if (have >= durability.replicas()) return;
        throw Problem.of(
                        Code.SL1010,
                        "Redis has it, but only " + have + " of " + durability.replicas()
                                + " replicas confirmed it within "
                                + durability.timeout().toMillis() + " ms (sluice.redis.wait.replicas)."
                                + " Send the same again, with its Idempotency-Key: it counts once.")
                .retryAfter(Duration.ofSeconds(1))
                .asException();
    }

    private static ProblemException full(RedisRefused e) {
        Problem problem = Problem.of(
                        Code.SL1011,
                        "Redis has reached its maxmemory and takes nothing new. Runs under way go on; send it again"
                                + " when some have ended, or raise maxmemory.")
                .retryAfter(Duration.ofSeconds(5));
        return new ProblemException(problem, e);
    }

    private static ProblemException shut(RedisRefused e) {
        Problem problem = Problem.of(Code.SL1012, e.getMessage()).retryAfter(Duration.ofSeconds(5));
        return new ProblemException(problem, e);
    }

    private static ProblemException unreachable(String reason, Throwable cause) {
        return new ProblemException(
                Problem.of(Code.SL2016, String.valueOf(reason)).retryAfter(Duration.ofSeconds(1)), cause);
    }
}
