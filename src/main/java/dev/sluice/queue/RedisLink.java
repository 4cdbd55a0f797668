package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.ZModem;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Blocking calls to Redis, for virtual threads. Never call it from an event loop. A call goes to the servers that have
 * its keys, and again while these change places, for {@code sluice.redis.patience}: always when no server has got the
 * command, and, when a connection broke before the answer, if it does no harm to do it twice.
 */
@ApplicationScoped
public class RedisLink {
    /** Done twice, these would do something else: the answer that was lost is then an error for the caller. */
    private static final Set<Command> ONCE = Set.of(
            Command.XADD,
            Command.XREADGROUP,
            Command.INCR,
            Command.INCRBY,
            Command.DECR,
            Command.DECRBY,
            Command.HINCRBY,
            Command.RPUSH,
            Command.LPUSH,
            Command.PUBLISH);

    /** One call of a script, see the contract at the top of its file. */
    public record Call(List<String> keys, List<String> args) {}

    private final RedisServers servers;
    private final Durability durability;

    RedisLink(RedisServers servers, Durability durability) {
        this.servers = servers;
        this.durability = durability;
    }

    /** @return null for a null reply */
    public Response send(Command command, Object... args) {
        boolean again = !ONCE.contains(command)
                && !(command == Command.SET && List.of(args).contains("NX"));
        return ask(Asking.of(command, List.of(args), again)).getFirst();
    }

    /**
     * Sends all in one go to each server, for commands that read. The replies come in the order of the requests; the
     * first error reply fails the whole call.
     */
    public List<Response> sendAll(List<Request> requests) {
        return ask(Asking.reading(requests));
    }

    public Response run(Script script, List<String> keys, List<String> args) {
        return runAll(script, List.of(new Call(keys, args))).getFirst();
    }

    /**
     * Runs {@code script} for each call, pipelined; those of one partition in their order. Returns when the replicas
     * have it that {@code sluice.redis.wait.replicas} asks for, if the script is one that somebody is answered by.
     *
     * @throws dev.sluice.workflow.ProblemException SL1010 when replicas did not confirm it in time, SL1011 when Redis
     *     is full, SL1012 when it takes no writes, SL2016 when it does not answer
     */
    public List<Response> runAll(Script script, List<Call> calls) {
        return ask(Asking.of(script, calls));
    }

    /**
     * Like {@link #runAll}, for duties that come again: without patience, and without those whose server does not
     * answer.
     */
    public List<Optional<Response>> runSome(Script script, List<Call> calls) {
        return new Conversation(servers, durability, Asking.of(script, calls)).some();
    }

    /** Addresses of the primaries, each once. */
    Set<String> servers() {
        return servers.map().all();
    }

    /** Address of the primary that has the partition's keys; null when none has at this moment. */
    String server(Partition p) {
        SlotMap map = servers.map();
        return map.server(map.isWhole() ? 0 : ZModem.generate(Keys.inbox(p).getBytes(StandardCharsets.UTF_8)));
    }

    RedisClientType kind() {
        return servers.kind();
    }

    /** @throws dev.sluice.workflow.ProblemException SL2016 when this server does not answer at once */
    Response sendTo(String server, Request request) {
        try {
            return servers.ask(server, request);
        } catch (NotSent e) {
            throw Problem.of(Code.SL2016, e.getMessage()).retry().asException();
        }
    }

    /** Whether any server answers at once; true as long as nothing was ever asked. */
    public boolean answers() {
        if (!servers.inUse()) return true;
        for (String server : servers()) {
            try {
                servers.ask(server, request(Command.PING));
                return true;
            } catch (NotSent e) {
                // Another may.
            }
        }
        return false;
    }

    /** Like {@link #sendAll}, as {@link #runSome}. An answer of null looks like none. */
    public List<Optional<Response>> sendSome(List<Request> requests) {
        return new Conversation(servers, durability, Asking.reading(requests)).some();
    }

    private List<Response> ask(Asking asking) {
        return new Conversation(servers, durability, asking).all();
    }

    public static Request request(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) request.arg(String.valueOf(arg));
        return request;
    }
}
