package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private final Attempts attempts = new Attempts();

    @AfterEach
    void leaveNoInterruptBehind() {
        Thread.interrupted();
    }

    @Test
    void anAbortInterruptsTheThreadOfTheAttempt() {
        try (Attempts.Running running = attempts.begin("a")) {
            attempts.abort("b");
            assertThat(running.aborted()).isFalse();
            attempts.abort("a");
            assertThat(running.aborted()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anAttemptThatHasEndedIsNotInterrupted() {
        attempts.begin("a").close();
        attempts.abort("a");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anAbortThatComesBeforeTheBeginIsNotLost() {
        attempts.abort("a");
        try (Attempts.Running running = attempts.begin("a")) {
            assertThat(running.aborted()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        try (Attempts.Running running = attempts.begin("a")) {
            assertThat(running.aborted()).isFalse();
        }
    }

    @Test
    void onlyTheLastThousandThatWentAwayAreRemembered() {
        for (int i = 0; i <= 1_000; i++) attempts.abort("a" + i);
        try (Attempts.Running first = attempts.begin("a0");
                Attempts.Running last = attempts.begin("a1000")) {
            assertThat(first.aborted()).isFalse();
            assertThat(last.aborted()).isTrue();
        }
    }

    @Test
    void theSameAttemptTwiceIsAbortedTwiceAndEndsOneByOne() {
        Attempts.Running first = attempts.begin("a");
        try (Attempts.Running second = attempts.begin("a")) {
            first.close();
            attempts.abort("a");
            assertThat(first.aborted()).isFalse();
            assertThat(second.aborted()).isTrue();
        }
    }

    @Test
    void anInterruptOfSomebodyElseStays() {
        Thread.currentThread().interrupt();
        attempts.begin("a").close();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }
}
