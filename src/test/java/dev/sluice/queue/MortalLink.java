package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The link of a process that is killed at one of its writes: right before Redis gets it, or right after Redis has it
 * and before the answer comes. From then on nothing goes out any more, whatever the code still tries.
 */
public final class MortalLink extends RedisLink {
    private static final Set<Command> READS = Set.of(
            Command.GET,
            Command.EXISTS,
            Command.HGET,
            Command.HGETALL,
            Command.HKEYS,
            Command.HMGET,
            Command.HEXISTS,
            Command.LRANGE,
            Command.SMEMBERS,
            Command.XLEN,
            Command.XPENDING,
            Command.XRANGE,
            Command.ZRANGE,
            Command.ZCARD);

    /** An error, so that no code takes it for something that may pass. */
    public static final class Killed extends Error {}

    private final int last;
    private final boolean afterwards;
    private int writes;
    private boolean dead;

    /** @param last number of the fatal write, from 1; 0: none */
    MortalLink(RedisServers servers, int last, boolean afterwards) {
        super(servers, RealRedis.DURABILITY);
        this.last = last;
        this.afterwards = afterwards;
    }

    public int writes() {
        return writes;
    }

    @Override
    public Response send(Command command, Object... args) {
        if (READS.contains(command)) {
            live();
            return super.send(command, args);
        }
        before();
        Response reply = super.send(command, args);
        after();
        return reply;
    }

    @Override
    public List<Response> sendAll(List<Request> requests) {
        live();
        return super.sendAll(requests);
    }

    /** One by one, so that the process can end between any two. */
    @Override
    public List<Response> runAll(Script script, List<Call> calls) {
        var replies = new ArrayList<Response>();
        for (Call call : calls) {
            before();
            replies.addAll(super.runAll(script, List.of(call)));
            after();
        }
        return replies;
    }

    @Override
    public List<Optional<Response>> sendSome(List<Request> requests) {
        return sendAll(requests).stream().map(Optional::ofNullable).toList();
    }

    @Override
    public List<Optional<Response>> runSome(Script script, List<Call> calls) {
        return runAll(script, calls).stream().map(Optional::ofNullable).toList();
    }

    private void live() {
        if (dead) throw new Killed();
    }

    private void before() {
        live();
        if (++writes == last && !afterwards) die();
    }

    private void after() {
        if (writes == last && afterwards) die();
    }

    private void die() {
        dead = true;
        throw new Killed();
    }
}
