package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Blocking calls to Redis, for virtual threads. Never call it from an event loop. */
@ApplicationScoped
public class RedisLink {
    /** Redis answers in microseconds; what takes longer than this is a Redis that hangs or is cut off. */
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    /**
     * 256: large enough that the round trip is shared, small enough that one batch does not hold up others for long.
     */
    static final int BATCH_MAX = 256;

    /** One call of a script, see the contract at the top of its file. */
    public record Call(List<String> keys, List<String> args) {}

    private final Supplier<Redis> redis;

    /** Looked up at the first call: a process with functions alone has no Redis. */
    @Inject
    RedisLink(Instance<Redis> redis) {
        this.redis = redis::get;
    }

    RedisLink(Redis redis) {
        this.redis = () -> redis;
    }

    /** @return null for a null reply */
    public Response send(Command command, Object... args) {
        return await(redis.get().send(request(command, args)));
    }

    /** Sends all in one go. The replies come in the same order; the first error reply fails the whole call. */
    public List<Response> sendAll(List<Request> requests) {
        var replies = new ArrayList<Response>(requests.size());
        for (int from = 0; from < requests.size(); from += BATCH_MAX) {
            var batch = requests.subList(from, Math.min(from + BATCH_MAX, requests.size()));
            replies.addAll(await(redis.get().batch(batch)));
        }
        return replies;
    }

    public Response run(Script script, List<String> keys, List<String> args) {
        return runAll(script, List.of(new Call(keys, args))).getFirst();
    }

    /**
     * Runs {@code script} for each call, pipelined. A server that does not know the script yet has run none of them.
     */
    public List<Response> runAll(Script script, List<Call> calls) {
        var replies = new ArrayList<Response>(calls.size());
        for (int from = 0; from < calls.size(); from += BATCH_MAX) {
            var batch = calls.subList(from, Math.min(from + BATCH_MAX, calls.size()));
            try {
                replies.addAll(await(redis.get().batch(requests(script, batch, Command.EVALSHA))));
            } catch (RedisRefused e) {
                if (!e.is("NOSCRIPT")) throw e;
                replies.addAll(await(redis.get().batch(requests(script, batch, Command.EVAL))));
            }
        }
        return replies;
    }

    public static Request request(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) request.arg(String.valueOf(arg));
        return request;
    }

    private static List<Request> requests(Script script, List<Call> calls, Command command) {
        String body = command == Command.EVAL ? script.source() : script.sha1();
        return calls.stream()
                .map(call -> {
                    Request request =
                            Request.cmd(command).arg(body).arg(call.keys().size());
                    call.keys().forEach(request::arg);
                    call.args().forEach(request::arg);
                    return request;
                })
                .toList();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ErrorType refused && !RedisRefused.isLostConnection(refused)) {
                throw new RedisRefused(refused);
            }
            throw unreachable(e.getCause());
        } catch (TimeoutException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(e);
        }
    }

    private static RuntimeException unreachable(Throwable cause) {
        String reason = cause instanceof TimeoutException
                ? "no answer within " + ANSWER_TIMEOUT.toSeconds() + " s"
                : String.valueOf(cause.getMessage());
        return new ProblemException(Problem.of(Code.SL2016, reason).retry(), cause);
    }
}
