package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The Redis servers of this deployment: which of them is to be asked for a slot, and a client for each. One server, the
 * primary that sentinels name, or the primaries of a cluster, by {@code quarkus.redis.client-type}. Blocks; for virtual
 * threads.
 */
@ApplicationScoped
public class RedisServers {
    private static final Logger LOG = Logger.getLogger(RedisServers.class);

    /** 2 s: a server or sentinel that needs longer for one line is passed over for the next. */
    private static final Duration LOOK_MAX = Duration.ofSeconds(2);

    /** 2 s: after a failover this process asks a former primary that hangs no longer than this. */
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(2);

    /** 100 ms: many calls that fail at the same time look once. */
    private static final Duration LOOK_PAUSE = Duration.ofMillis(100);

    private final Vertx vertx;
    private final Supplier<RedisOptions> options;
    private final Map<String, Redis> clients = new ConcurrentHashMap<>();
    private final ReentrantLock looking = new ReentrantLock();
    private volatile SlotMap known;
    /** Servers that did not answer for as long as a call has patience; in use again with their first answer. */
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    /** {@code System.nanoTime()} of the last look. */
    private volatile long lookedAt;

    @Inject
    RedisServers(Vertx vertx, RedisAccess access) {
        this.vertx = vertx;
        this.options = access::options;
    }

    RedisServers(Vertx vertx, RedisOptions options) {
        this.vertx = vertx;
        this.options = () -> options;
    }

    /** False as long as nothing has been asked of Redis: a process with functions alone has none. */
    boolean inUse() {
        return known != null;
    }

    RedisClientType kind() {
        return options.get().getType();
    }

    /** @throws NotSent when no server can say, or none has it */
    SlotMap map() {
        SlotMap map = known;
        if (map == null) return look(null);
        if (kind() != RedisClientType.STANDALONE && !looked(LOOK_INTERVAL)) {
            lookedAt = System.nanoTime();
            Thread.ofVirtual().name("sluice-redis-look").start(() -> lookQuietly(map));
        }
        return map;
    }

    /** Finds out anew who has what, because {@code doubted} did not hold; at once when somebody has done so since. */
    SlotMap look(SlotMap doubted) {
        looking.lock();
        try {
            if (known != null && (known != doubted || looked(LOOK_PAUSE))) return known;
            SlotMap found = read();
            lookedAt = System.nanoTime();
            known = found;
            closeAllBut(found);
            return found;
        } finally {
            looking.unlock();
        }
    }

    private boolean looked(Duration ago) {
        return System.nanoTime() - lookedAt < ago.toNanos();
    }

    private void lookQuietly(SlotMap map) {
        try {
            look(map);
        } catch (NotSent e) {
            LOG.debugf("nobody says where the Redis primaries are: %s", e.getMessage());
        }
    }

    /** Nobody waits for it any more: calls try it once. */
    void giveUp(String address) {
        if (gone.add(address)) LOG.warnf("Redis %s is given up until it answers again", shown(address));
    }

    boolean isGone(String address) {
        return gone.contains(address);
    }

    void answered(String address) {
        if (!gone.isEmpty() && gone.remove(address)) LOG.warnf("Redis %s answers again", shown(address));
    }

    /** The client of this server; made when it is first asked for. */
    Redis client(String address) {
        return clients.computeIfAbsent(address, this::connectTo);
    }

    private SlotMap read() {
        List<String> configured = options.get().getEndpoints();
        return switch (kind()) {
            case STANDALONE -> SlotMap.of(configured.getFirst());
            case SENTINEL -> SlotMap.of(first(configured, this::primaryBySentinel));
            case CLUSTER -> {
                var candidates = new LinkedHashSet<String>();
                if (known != null) candidates.addAll(known.all());
                candidates.addAll(configured);
                // Last, because each that is gone may take its time to fail.
                gone.stream().filter(candidates::remove).toList().forEach(candidates::add);
                yield first(candidates, this::mapOf);
            }
            case REPLICATION ->
                throw Problem.of(
                                Code.SL1007,
                                "quarkus.redis.client-type is replication; it must be standalone, sentinel or cluster."
                                        + " With replicas alone nothing decides who is the primary.")
                        .asException();
        };
    }

    /** The answer of the first that has one. */
    private static <T> T first(Iterable<String> addresses, java.util.function.Function<String, T> question) {
        var failures = new ArrayList<String>();
        for (String address : addresses) {
            try {
                return question.apply(address);
            } catch (NotSent e) {
                failures.add(e.getMessage());
            }
        }
        throw new NotSent(String.join("; ", failures));
    }

    private SlotMap mapOf(String address) {
        return SlotMap.ofCluster(ask(address, Request.cmd(Command.CLUSTER).arg("SLOTS")), address);
    }

    private String primaryBySentinel(String sentinel) {
        Request question = Request.cmd(Command.SENTINEL)
                .arg("GET-MASTER-ADDR-BY-NAME")
                .arg(options.get().getMasterName());
        Response place = ask(sentinel, question);
        // quarkus.redis.password is for the servers; credentials in the address of a sentinel are for both.
        String like = options.get().getPassword() == null ? sentinel : sentinel.replaceFirst("://.*@", "://");
        return SlotMap.address(like, place.get(0).toString(), place.get(1).toInteger());
    }

    /** @throws NotSent for no answer within 2 s, an error or null */
    Response ask(String address, Request question) {
        Future<Response> answer = client(address)
                .connect()
                .compose(connection -> connection.send(question).onComplete(done -> connection.close()));
        try {
            Response response =
                    answer.toCompletionStage().toCompletableFuture().get(LOOK_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (response != null) return response;
            throw new NotSent(shown(address) + " does not know");
        } catch (ExecutionException e) {
            throw new NotSent(shown(address) + ": " + e.getCause().getMessage());
        } catch (TimeoutException e) {
            throw new NotSent(shown(address) + " did not answer within " + LOOK_MAX.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotSent("interrupted");
        }
    }

    private Redis connectTo(String address) {
        RedisOptions made = options.get();
        // Trying again is RedisLink's, which looks first whether another server has taken over.
        var net = new NetClientOptions(made.getNetClientOptions())
                .setReconnectAttempts(0)
                .setConnectTimeout((int) LOOK_MAX.toMillis());
        var single = new RedisOptions(made)
                .setType(RedisClientType.STANDALONE)
                .setEndpoints(new ArrayList<>(List.of(address)))
                .setNetClientOptions(net);
        if (kind() == RedisClientType.SENTINEL && made.getEndpoints().contains(address)) single.setPassword(null);
        return Redis.createClient(vertx, single);
    }

    /** What hangs on a server that has lost its place fails now, instead of when its time is up. */
    private void closeAllBut(SlotMap map) {
        var wanted = new LinkedHashSet<>(map.all());
        wanted.addAll(options.get().getEndpoints());
        clients.keySet().removeIf(address -> {
            if (wanted.contains(address)) return false;
            LOG.infof("Redis %s is no longer asked", shown(address));
            clients.get(address).close();
            return true;
        });
    }

    /** Without its password. */
    static String shown(String address) {
        return address.replaceAll("://[^@/]*@", "://…@");
    }

    @PreDestroy
    void close() {
        clients.values().forEach(Redis::close);
    }
}
