package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisClientType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Refuses a Redis that may throw away what Sluice accepted, or cannot do what Sluice asks. */
@ApplicationScoped
public class RedisGuard {
    private static final Logger LOG = Logger.getLogger(RedisGuard.class);

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

    private final RedisLink redis;

    RedisGuard(RedisLink redis) {
        this.redis = redis;
    }

    /**
     * Looks at every primary, when it answers.
     *
     * @throws dev.sluice.workflow.ProblemException SL1004 when Redis may evict keys, SL1007 when its kind is not the
     *     one that was set, SL1013 when it is older than 6.2, SL2016 when it does not answer
     */
    public void check() {
        redis.send(Command.PING);
        Map<String, String> last = Map.of();
        for (String server : redis.servers()) {
            last = facts(redis.sendTo(server, RedisLink.request(Command.INFO)).toString());
            check(RedisServers.shown(server), last);
        }
        LOG.infof(
                "%s, %s, %d primaries",
                product(last),
                redis.kind().name().toLowerCase(java.util.Locale.ROOT),
                redis.servers().size());
    }

    void check(String server, Map<String, String> facts) {
        requireVersion(server, facts);
        requireKind(server, facts);
        String policy = facts.getOrDefault("maxmemory_policy", "unknown");
        if (!policy.equals("noeviction")) {
            throw Problem.of(
                            Code.SL1004,
                            server + " may evict keys when memory is short (maxmemory-policy " + policy
                                    + "). Set maxmemory-policy noeviction and start again.")
                    .asException();
        }
        if (!facts.getOrDefault("aof_enabled", "0").equals("1")) {
            LOG.warnf(
                    "%s has no append-only file: a restart of it loses what came after its last snapshot."
                            + " Set appendonly yes.",
                    server);
        }
    }

    private static void requireVersion(String server, Map<String, String> facts) {
        Matcher version = VERSION.matcher(facts.getOrDefault("redis_version", ""));
        boolean known = version.matches();
        int major = known ? Integer.parseInt(version.group(1)) : 0;
        if (major > 6 || major == 6 && Integer.parseInt(version.group(2)) >= 2) return;
        throw Problem.of(Code.SL1013, server + " is " + product(facts) + "; it must be Redis 6.2 or newer, or Valkey.")
                .asException();
    }

    private void requireKind(String server, Map<String, String> facts) {
        // Valkey has another name for it.
        String mode = facts.getOrDefault("redis_mode", facts.getOrDefault("server_mode", "standalone"));
        boolean cluster = mode.equals("cluster");
        if (cluster == (redis.kind() == RedisClientType.CLUSTER)) return;
        throw Problem.of(
                        Code.SL1007,
                        server + " is of the kind " + mode + ", but quarkus.redis.client-type is "
                                + redis.kind().name().toLowerCase(java.util.Locale.ROOT)
                                + ". Set it to what the servers are: standalone, sentinel or cluster.")
                .asException();
    }

    /** Valkey tells the version of Redis that it is compatible with, beside its own. */
    private static String product(Map<String, String> facts) {
        String valkey = facts.get("valkey_version");
        return valkey != null
                ? "Valkey " + valkey
                : "Redis " + facts.getOrDefault("redis_version", "of unknown version");
    }

    /** The lines {@code name:value} of INFO. */
    private static Map<String, String> facts(String info) {
        return info.lines()
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (first, second) -> second));
    }
}
