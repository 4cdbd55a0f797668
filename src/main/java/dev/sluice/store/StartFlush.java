package dev.sluice.store;

import dev.sluice.store.Runs.Acceptance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Sends the starts of one partition: one that comes alone goes at once, those that come while Redis takes others go
 * together as soon as it has answered. So the busier the server is, the fewer steps of Redis a start costs.
 */
final class StartFlush {
    private final Function<List<Start>, List<Acceptance>> send;
    private final ReentrantLock lock = new ReentrantLock();
    /** At most as many as requests are under way. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private boolean isSending;

    /** @param turn true: its thread sends for all that wait; false: another has sent it, with {@code result} */
    private record Waiting(Start start, CompletableFuture<Boolean> turn, CompletableFuture<Acceptance> result) {}

    StartFlush(Function<List<Start>, List<Acceptance>> send) {
        this.send = send;
    }

    /** Blocks until Redis has it. */
    Acceptance start(Start start) {
        var mine = new Waiting(start, new CompletableFuture<>(), new CompletableFuture<>());
        if (isFirst(mine) || mine.turn().join()) sendWith(mine);
        try {
            return mine.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw e;
        }
    }

    /** How many wait until others were sent. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean isFirst(Waiting mine) {
        lock.lock();
        try {
            boolean first = !isSending;
            if (first) isSending = true;
            else waiting.add(mine);
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void sendWith(Waiting mine) {
        List<Waiting> together = gather(mine);
        try {
            var results = send.apply(together.stream().map(Waiting::start).toList());
            for (int i = 0; i < together.size(); i++) together.get(i).result().complete(results.get(i));
        } catch (RuntimeException | Error e) {
            together.forEach(each -> each.result().completeExceptionally(e));
        } finally {
            passOn();
            together.forEach(each -> each.turn().complete(false));
        }
    }

    private List<Waiting> gather(Waiting mine) {
        var together = new ArrayList<Waiting>();
        together.add(mine);
        lock.lock();
        try {
            while (together.size() < Start.GROUP_MAX && !waiting.isEmpty()) together.add(waiting.poll());
        } finally {
            lock.unlock();
        }
        return together;
    }

    private void passOn() {
        Waiting next;
        lock.lock();
        try {
            next = waiting.poll();
            isSending = next != null;
        } finally {
            lock.unlock();
        }
        if (next != null) next.turn().complete(true);
    }
}
