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
 * @param key of the only request, where the client does not know which of its arguments that is
 */
record Asking(List<Request> requests, boolean again, Optional<Script> script, Optional<String> key) {

    /** One command. @param args as in {@link RedisLink#send} */
    static Asking of(Command command, List<Object> args, boolean again) {
        Optional<String> key = command == Command.XGROUP || command == Command.XINFO
                ? Optional.of(String.valueOf(args.get(1)))
                : Optional.empty();
        return new Asking(List.of(RedisLink.request(command, args.toArray())), again, Optional.empty(), key);
    }

    static Asking reading(List<Request> requests) {
        return new Asking(requests, true, Optional.empty(), Optional.empty());
    }

    static Asking of(Script script, List<RedisLink.Call> calls) {
        boolean again = calls.stream().allMatch(call -> script.mayRunTwice(call.args()));
        return new Asking(
                calls.stream().map(call -> request(script, call)).toList(),
                again,
                Optional.of(script),
                Optional.empty());
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
        if (key.isPresent()) return key.get().getBytes(StandardCharsets.UTF_8);
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
