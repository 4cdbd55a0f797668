package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
class TogetherTest {
    private static final int MOST = 50;

    /** Sends the first alone, and lets it wait until {@code others} have come. */
    private static List<Integer> sizes(int others) throws InterruptedException, ExecutionException {
        var sizes = new CopyOnWriteArrayList<Integer>();
        var first = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var together = new Together<Integer, Integer>(MOST, items -> {
            sizes.add(items.size());
            first.countDown();
            await(goOn);
            return items.stream().map(item -> 2 * item).toList();
        });
        var answers = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            answers.add(threads.submit(() -> together.ask(0)));
            await(first);
            for (int i = 1; i <= others; i++) {
                int item = i;
                answers.add(threads.submit(() -> together.ask(item)));
            }
            Awaitility.await().until(() -> together.waiting() == others);
            goOn.countDown();
            for (int i = 0; i <= others; i++) assertThat(answers.get(i).get()).isEqualTo(2 * i);
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
    void whatComesWhileOthersAreUnderWayGoesTogetherAndEachHasItsOwnAnswer() throws Exception {
        assertThat(sizes(40)).containsExactly(1, 40);
    }

    @Test
    void howManyGoTogetherIsBounded() throws Exception {
        assertThat(sizes(MOST + 3)).containsExactly(1, MOST, 3);
    }

    @Test
    void aFailureReachesAllThatWentTogetherAndNotTheNext() {
        var sent = new AtomicInteger();
        var together = new Together<Integer, Integer>(MOST, items -> {
            if (sent.incrementAndGet() == 1) throw new IllegalStateException("no Redis");
            return items;
        });
        assertThatThrownBy(() -> together.ask(1)).isInstanceOf(IllegalStateException.class);
        assertThat(together.ask(2)).isEqualTo(2);
    }
}
