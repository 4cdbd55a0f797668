package dev.sluice.queue;

import io.vertx.redis.client.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Which server has which slot, as seen at one moment. A server that is not a cluster's has them all.
 *
 * @param servers address of the primary of each slot; null for a slot that none has; a single one has all slots
 */
record SlotMap(String[] servers) {
    /** 16,384, fixed by Redis Cluster. */
    private static final int SLOTS = 16_384;

    static SlotMap of(String server) {
        return new SlotMap(new String[] {server});
    }

    /**
     * @param slots answer to CLUSTER SLOTS: from, to, and the host and port of the primary first
     * @param asked address of the server that answered, which stands in for a host that it does not know
     */
    static SlotMap ofCluster(Response slots, String asked) {
        var servers = new String[SLOTS];
        for (Response range : slots) {
            Response primary = range.get(2);
            String host = primary.get(0) == null ? "" : primary.get(0).toString();
            String known =
                    host.isEmpty() || host.equals("?") ? URI.create(asked).getHost() : host;
            String address = address(asked, known, primary.get(1).toInteger());
            Arrays.fill(servers, range.get(0).toInteger(), range.get(1).toInteger() + 1, address);
        }
        return new SlotMap(servers);
    }

    /** The address of another server that is spoken to as {@code like} is: with its scheme and credentials. */
    static String address(String like, String host, int port) {
        URI uri = URI.create(like);
        String user = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo() + "@";
        String name = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
        return uri.getScheme() + "://" + user + name + ":" + port;
    }

    /** @return null when no server has it */
    String server(int slot) {
        return servers[servers.length == 1 ? 0 : slot];
    }

    boolean isWhole() {
        return servers.length == 1;
    }

    /** Each server once, by the first of its slots. */
    Set<String> all() {
        var all = new LinkedHashSet<String>();
        Arrays.stream(servers).filter(Objects::nonNull).forEach(all::add);
        return all;
    }
}
