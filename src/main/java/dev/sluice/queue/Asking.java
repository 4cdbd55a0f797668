package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.impl.RequestImpl;
import io.vertx.redis.client.impl.ZModem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What one call asks of Redis.
 *
 * @param again whether it may be sent a second time when nobody knows what became of the first
 * @param script that the requests run, by its digest
 */
record Asking(List<Request> requests, boolean again, Optional<Script> script) {

    static Asking of(List<Request> requests, boolean again) {
        return new Asking(requests, again, Optional.empty());
    }

    static Asking of(Script script, List<RedisLink.Call> calls) {
        boolean again = calls.stream().allMatch(call -> script.mayRunTwice(call.args()));
        return new Asking(calls.stream().map(call -> request(script, call)).toList(), again, Optional.of(script));
    }

    private static Request request(Script script, RedisLink.Call call) {
        Request request =
                Request.cmd(Command.EVALSHA).arg(script.sha1()).arg(call.keys().size());
        call.keys().forEach(request::arg);
        call.args().forEach(request::arg);
        return request;
    }

    /** Of a cluster's 16,384, by the first key; 0 for a command that has none. */
    int slot(int place) {
        byte[] key = key(place);
        return key == null ? 0 : ZModem.generate(key);
    }

    private byte[] key(int place) {
        List<byte[]> keys = ((RequestImpl) requests.get(place)).keys();
        return keys.isEmpty() ? null : keys.getFirst();
    }

    /** Whether somebody is told yes because of it, so that replicas must have it first. */
    boolean isAnswered() {
        return script.map(Script::isAnswered).orElse(false);
    }

    /** A small write beside the request at {@code place}: what was there already is then confirmed as well. */
    Request confirmation(int place) {
        return RedisLink.request(Command.SET, Keys.confirmed(new String(key(place), StandardCharsets.UTF_8)), "1");
    }
}
