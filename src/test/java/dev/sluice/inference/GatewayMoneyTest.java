package dev.sluice.inference;

import static dev.sluice.inference.GatewayRig.account;
import static dev.sluice.inference.GatewayRig.bounded;
import static dev.sluice.inference.GatewayRig.call;
import static dev.sluice.inference.GatewayRig.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.inference.Account.Scope;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is paid, for what, and what is not bought twice. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
class GatewayMoneyTest {
    /** 1,000 input tokens at $1 and 200 output tokens at $10 a million. */
    private static final long COST = 3_000;

    @Inject
    Vertx vertx;

    private GatewayRig rig;

    @BeforeEach
    void start() {
        rig = new GatewayRig(vertx);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static ProblemException failure(Gateway gateway, ModelCall call) {
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> gateway.complete(call, null));
        assertThat(failed).isNotNull();
        return failed;
    }

    private long spentToday() {
        return new Ledger(rig.redis.link)
                .of(LocalDate.now(ZoneOffset.UTC)).rows().stream()
                        .mapToLong(Ledger.Row::micros)
                        .sum();
    }

    @Test
    void theNextAttemptOfAStepGetsTheAnswerThatTheFirstOneBought() {
        rig.gateway().complete(call("x", account(1)), null);
        Completion again = rig.gateway().complete(call("x", account(2)), null);
        assertThat(text(again)).isEqualTo("from a");
        assertThat(again.source()).isEqualTo(Completion.Source.JOURNAL);
        assertThat(again.usage()).as("the first attempt has told it").isEqualTo(Usage.NONE);
        assertThat(rig.a.requests).hasSize(1);
        assertThat(spentToday()).isEqualTo(COST);
    }

    @Test
    void theSameAttemptDeliveredAgainTellsWhatTheFirstDeliveryHadNoTimeToTell() {
        rig.gateway().complete(call("x", account(1)), null);
        assertThat(rig.gateway().complete(call("x", account(1)), null).usage().costMicros())
                .isEqualTo(COST);
        assertThat(rig.a.requests).hasSize(1);
    }

    @Test
    void anotherQuestionOfTheSameStepIsAnotherAnswer() {
        Gateway gateway = rig.gateway();
        gateway.complete(call("x", account(1)), null);
        assertThat(gateway.complete(call("y", account(1)), null).source()).isEqualTo(Completion.Source.BOUGHT);
        assertThat(rig.lines()).hasSize(2);
    }

    @Test
    void twoAttemptsAtTheSameTimeBuyOneAnswer() {
        Gateway one = rig.gateway();
        Gateway other = rig.gateway();
        rig.a.slow = true;
        var answers = new ArrayList<CompletableFuture<Completion>>();
        for (Gateway gateway : List.of(one, other, one, other)) {
            var answer = new CompletableFuture<Completion>();
            answers.add(answer);
            Thread.ofVirtual().start(() -> answer.complete(gateway.complete(call("x", account(1)), null)));
        }
        rig.a.awaitRequests(1);
        rig.a.slow = false;
        rig.a.hurry();
        answers.forEach(answer -> assertThat(text(answer.join())).isEqualTo("from a"));
        assertThat(rig.a.requests).hasSize(1);
        assertThat(spentToday()).isEqualTo(COST);
    }

    @Test
    void anAnswerThatCouldNotBeUsedIsBoughtAnew() {
        Gateway gateway = rig.gateway();
        ModelCall call = call("x", account(1));
        gateway.complete(call, null);
        gateway.forget(call.account(), List.of(call.key()));
        assertThat(gateway.complete(call, null).source()).isEqualTo(Completion.Source.BOUGHT);
        assertThat(rig.lines()).hasSize(2);
    }

    @Test
    void everyExchangeHasItsLineFailedOnesToo() {
        rig.a.status = 503;
        rig.gateway().complete(call("x", account(3)), null);
        assertThat(rig.lines()).extracting(Ledger.Entry::endpoint).containsExactly("a", "b");
        assertThat(rig.lines()).extracting(Ledger.Entry::outcome).containsExactly("SL5002", "answered");
        assertThat(rig.lines()).extracting(Ledger.Entry::costMicros).containsExactly(0L, COST);
        assertThat(rig.lines().getFirst().attempt()).isEqualTo(3);
    }

    @Test
    void aTimeoutMayHaveBeenPaid() {
        rig.a.silent = true;
        rig.gateway("endpoints.a.timeout", "200ms").complete(call("x", account(1)), null);
        Ledger.Entry late = rig.lines().getFirst();
        assertThat(late.outcome()).isEqualTo("SL5006");
        assertThat(late.uncertainMicros()).isPositive();
    }

    @Test
    void aBudgetThatIsUsedUpStopsTheCallBeforeItIsMade() {
        Gateway gateway = rig.gateway();
        ProblemException failed = failure(gateway, call("x", bounded(Scope.RUN, 1_000)));
        assertThat(failed.problem().code()).isEqualTo("SL5007");
        assertThat(failed.problem().retryable()).isFalse();
        assertThat(rig.a.requests).isEmpty();
        assertThat(rig.b.requests).isEmpty();
    }

    @Test
    void aCheaperEndpointMayFitIntoTheBudget() {
        Gateway gateway = rig.gateway("endpoints.b.input-price", "0.1", "endpoints.b.output-price", "0.1");
        assertThat(text(gateway.complete(call("x", bounded(Scope.RUN, 1_000)), null)))
                .isEqualTo("from b");
    }

    @Test
    void aBudgetOfTheDayHoldsForEverybody() {
        Gateway gateway = rig.gateway("budgets.day", "0.006");
        gateway.complete(call("1"), null);
        ProblemException failed = null;
        for (int i = 2; failed == null && i < 10; i++) {
            ModelCall next = call("" + i);
            failed = catchThrowableOfType(ProblemException.class, () -> gateway.complete(next, null));
        }
        assertThat(failed.problem().code()).isEqualTo("SL5007");
        assertThat(failed.problem().retryable()).isTrue();
        assertThat(spentToday()).isLessThanOrEqualTo(6_000);
    }

    @Test
    void aHundredCallersAtOnceSpendNoMoreThanTheBudget() {
        // The stub charges 3,000 for what is thought to cost about 1,300 at most: so tell it to use less.
        rig.a.use(50, 100);
        Gateway gateway =
                rig.gateway("routes.smart.endpoints", "a", "budgets.day", "0.02", "endpoints.a.concurrency", "100");
        var all = new ArrayList<Thread>();
        for (int i = 0; i < 100; i++) {
            ModelCall call = call("n" + i);
            all.add(Thread.ofVirtual()
                    .start(() -> catchThrowableOfType(ProblemException.class, () -> gateway.complete(call, null))));
        }
        all.forEach(GatewayMoneyTest::join);
        assertThat(spentToday()).isPositive().isLessThanOrEqualTo(20_000);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void tenantsHaveBudgetsOfTheirOwn() {
        Gateway gateway = rig.gateway("budgets.tenant-day", "100", "tenants.acme.budget-day", "0.0001");
        assertThat(failure(gateway, call("x", account(1))).problem().code()).isEqualTo("SL5007");
        var other = new Account("other", "", "", "", 0, "", Map.of(), "");
        assertThat(text(gateway.complete(call("x", other), null))).isEqualTo("from a");
    }

    @Test
    void anAnswerServesTheSameRequestOfTheSameTenantWhereTheRouteSaysSo() {
        Gateway gateway = rig.gateway("routes.smart.cache", "PT1H");
        gateway.complete(call("x", account(1)), null);
        var otherRun = new Account("acme", "", GatewayRig.RUN.replace("-0", "-1"), "/do/1/a", 1, "", Map.of(), "");
        Completion again = gateway.complete(call("x", otherRun), null);
        assertThat(again.source()).isEqualTo(Completion.Source.CACHE);
        assertThat(again.usage()).isEqualTo(Usage.NONE);
        var otherTenant = new Account("other", "", "", "", 0, "", Map.of(), "");
        assertThat(gateway.complete(call("x", otherTenant), null).source()).isEqualTo(Completion.Source.BOUGHT);
        assertThat(rig.a.requests).hasSize(2);
    }

    @Test
    void cachedInputTokensCostWhatTheEndpointAsksForThem() {
        rig.a.body = Texts.json("{'choices': [{'finish_reason': 'stop', 'message': {'content': 'x'}}], 'usage':"
                        + " {'prompt_tokens': 1000, 'completion_tokens': 100,"
                        + " 'prompt_tokens_details': {'cached_tokens': 800}}}")
                .toString();
        Completion completion =
                rig.gateway("endpoints.a.cached-input-price", "0.25").complete(call("x"), null);
        assertThat(completion.usage().costMicros()).isEqualTo(200 + 200 + 1_000);
    }
}
