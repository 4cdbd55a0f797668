package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WakerTest {
    private static final Partition A = new Partition("default", "test", 0);
    private static final Partition B = new Partition("default", "test", 1);

    /** Runs what it was given when the test says so, on the test's own thread. */
    private static final class Later extends AbstractExecutorService {
        private final Deque<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        void run() {
            while (!tasks.isEmpty()) tasks.poll().run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }

    /** Notes what is sent; does {@code meanwhile} while it is under way. */
    private static final class Orchestrator extends Http {
        private final List<String> sent = new ArrayList<>();
        private Runnable meanwhile = () -> {};

        Orchestrator() {
            super(RealRedis.VERTX);
        }

        @Override
        Answer post(URI url, Map<String, String> headers, byte[] body, Duration timeout) {
            sent.add(headers.get("ce-type") + " " + new String(body, StandardCharsets.UTF_8));
            Runnable once = meanwhile;
            meanwhile = () -> {};
            once.run();
            return new Answer(200, MultiMap.caseInsensitiveMultiMap(), new byte[0]);
        }
    }

    private final Later threads = new Later();
    private final Orchestrator orchestrator = new Orchestrator();
    private final Waker waker = new Waker(new WakeByEvent(URI.create("http://unused/"), orchestrator, "d-1"), threads);

    @Test
    void aWakeUpNamesThePartition() {
        waker.wake(A);
        threads.run();
        assertThat(orchestrator.sent).containsExactly("orchestrate {\"partition\":\"default.test.0\"}");
    }

    @Test
    void wakeUpsBeforeTheFirstIsSentAreOne() {
        for (int i = 0; i < 100; i++) waker.wake(A);
        threads.run();
        assertThat(orchestrator.sent).hasSize(1);
    }

    @Test
    void whatIsAskedForWhileOneIsUnderWayIsOneMore() {
        orchestrator.meanwhile = () -> {
            for (int i = 0; i < 100; i++) waker.wake(A);
        };
        waker.wake(A);
        threads.run();
        assertThat(orchestrator.sent).hasSize(2);
    }

    @Test
    void eachPartitionIsWokenByItself() {
        waker.wake(A);
        waker.wake(B);
        threads.run();
        assertThat(orchestrator.sent).hasSize(2);
    }

    @Test
    void aPartitionIsWokenAgainAfterAWakeUpThatFailedInAnyWay() {
        orchestrator.meanwhile = () -> {
            throw new IllegalStateException("the client is closed");
        };
        waker.wake(A);
        threads.run();
        waker.wake(A);
        threads.run();
        assertThat(orchestrator.sent).hasSize(2);
    }

    @Test
    void aPartitionWasNeverWokenAgainAfterALackOfMemory() {
        orchestrator.meanwhile = () -> {
            throw new OutOfMemoryError("for a moment");
        };
        waker.wake(A);
        threads.run();
        waker.wake(A);
        threads.run();
        assertThat(orchestrator.sent).hasSize(2);
    }
}
