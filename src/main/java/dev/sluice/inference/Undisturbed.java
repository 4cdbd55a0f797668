package dev.sluice.inference;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Does what must come to its end although nobody waits for the caller any more: an interrupt is left for later. */
final class Undisturbed {
    private Undisturbed() {}

    /**
     * On a thread of its own, since a write that has begun cannot tell an interrupt from a Redis that does not answer.
     */
    static <T> T get(Supplier<T> task) {
        var result = new CompletableFuture<T>();
        Thread.ofVirtual().name("sluice-books").start(() -> {
            try {
                result.complete(task.get());
            } catch (RuntimeException | Error failed) {
                result.completeExceptionally(failed);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failed) throw failed;
            if (e.getCause() instanceof Error failed) throw failed;
            throw e;
        }
    }

    static void run(Runnable task) {
        get(() -> {
            task.run();
            return null;
        });
    }
}
