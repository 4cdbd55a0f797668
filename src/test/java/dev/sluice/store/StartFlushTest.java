package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.Runs.Acceptance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StartFlushTest {
    private static final Start START = null;

    /** Sends the first alone, and lets it wait until {@code others} have come. */
    private static List<Integer> sizes(int others) throws InterruptedException, ExecutionException {
        var sizes = new CopyOnWriteArrayList<Integer>();
        var first = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var flush = new StartFlush(starts -> {
            sizes.add(starts.size());
            first.countDown();
            await(goOn);
            return starts.stream().map(start -> Acceptance.ACCEPTED).toList();
        });
        var calls = new ArrayList<Future<Acceptance>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            calls.add(threads.submit(() -> flush.start(START)));
            await(first);
            for (int i = 0; i < others; i++) calls.add(threads.submit(() -> flush.start(START)));
            Awaitility.await().until(() -> flush.waiting() == others);
            goOn.countDown();
            for (Future<Acceptance> call : calls) assertThat(call.get()).isEqualTo(Acceptance.ACCEPTED);
        }
        return sizes;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatComesWhileOthersAreSentGoesTogether() throws Exception {
        assertThat(sizes(40)).containsExactly(1, 40);
    }

    @Test
    void aGroupIsBounded() throws Exception {
        assertThat(sizes(Start.GROUP_MAX + 3)).containsExactly(1, Start.GROUP_MAX, 3);
    }

    @Test
    void aFailureReachesAllThatWentTogetherAndNotTheNext() {
        var sent = new AtomicInteger();
        var flush = new StartFlush(starts -> {
            if (sent.incrementAndGet() == 1) throw new IllegalStateException("no Redis");
            return List.of(Acceptance.ACCEPTED);
        });
        assertThatThrownBy(() -> flush.start(START)).isInstanceOf(IllegalStateException.class);
        assertThat(flush.start(START)).isEqualTo(Acceptance.ACCEPTED);
    }
}
