package dev.sluice.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Lets what comes while others are under way go together as soon as these have their answer; what comes alone goes at
 * once. So the busier the server is, the fewer steps of Redis each costs. An answer is always asked for after the one
 * who gets it came.
 */
public final class Together<I, O> {
    private final int most;
    private final Function<List<I>, List<O>> send;
    private final ReentrantLock lock = new ReentrantLock();
    /** At most as many as requests are under way. */
    private final ArrayDeque<Waiting<I, O>> waiting = new ArrayDeque<>();

    private boolean isSending;

    /** @param turn true: its thread sends for all that wait; false: another has sent it, with {@code result} */
    private record Waiting<I, O>(I item, CompletableFuture<Boolean> turn, CompletableFuture<O> result) {}

    /** @param most that go together; @param send gives an answer for each, in their order */
    public Together(int most, Function<List<I>, List<O>> send) {
        this.most = most;
        this.send = send;
    }

    /** Blocks until there is an answer. */
    public O ask(I item) {
        var mine = new Waiting<I, O>(item, new CompletableFuture<>(), new CompletableFuture<>());
        if (isFirst(mine) || mine.turn().join()) sendWith(mine);
        try {
            return mine.result().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            if (e.getCause() instanceof Error cause) throw cause;
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

    private boolean isFirst(Waiting<I, O> mine) {
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

    private void sendWith(Waiting<I, O> mine) {
        List<Waiting<I, O>> together = gather(mine);
        try {
            var results = send.apply(together.stream().map(Waiting::item).toList());
            for (int i = 0; i < together.size(); i++) together.get(i).result().complete(results.get(i));
        } catch (RuntimeException | Error e) {
            together.forEach(each -> each.result().completeExceptionally(e));
        } finally {
            passOn();
            together.forEach(each -> each.turn().complete(false));
        }
    }

    private List<Waiting<I, O>> gather(Waiting<I, O> mine) {
        var together = new ArrayList<Waiting<I, O>>();
        together.add(mine);
        lock.lock();
        try {
            while (together.size() < most && !waiting.isEmpty()) together.add(waiting.poll());
        } finally {
            lock.unlock();
        }
        return together;
    }

    private void passOn() {
        Waiting<I, O> next;
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
