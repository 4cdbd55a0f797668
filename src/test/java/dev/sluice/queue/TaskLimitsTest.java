package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.HandClock;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Service.Limit;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskLimitsTest {
    private static TaskLimits configured(Map<String, String> settings) {
        var config = new SmallRyeConfigBuilder()
                .withMapping(LaneSettings.class)
                .withMapping(TenantSettings.class)
                .withMapping(FunctionLimits.class)
                .addDiscoveredConverters()
                .withDefaultValues(settings)
                .build();
        return new TaskLimits(
                config.getConfigMapping(LaneSettings.class),
                config.getConfigMapping(TenantSettings.class),
                config.getConfigMapping(FunctionLimits.class));
    }

    private static Place place(String tenant, String function) {
        return new Place(P, new LaneName(Priority.NORMAL, tenant, function), "1-1");
    }

    @Test
    void aTaskHasTheLimitsOfItsRunItsTenantAndItsFunctionInOneOrder() {
        var limits = configured(
                Map.of("sluice.tenants.\"acme\".concurrency", "5", "sluice.functions.\"ocr\".concurrency", "7"));
        var own = List.of(new Limit("default.w/z=1", 2), new Limit("default.w/a=1", 1));
        assertThat(limits.of(place("acme", "ocr"), own))
                .containsExactly(
                        new Limit("default.w/a=1", 1),
                        new Limit("default.w/z=1", 2),
                        new Limit("function=ocr", 7),
                        new Limit("tenant=acme", 5));
        assertThat(limits.of(place("other", "echo"), List.of())).isEmpty();
        assertThat(limits.concurrencyOf("ocr")).isEqualTo(7);
        assertThat(limits.concurrencyOf("echo")).isZero();
    }

    @Test
    void theLimitForEveryTenantCountsForThoseWithoutOneOfTheirOwn() {
        var limits =
                configured(Map.of("sluice.lanes.tenant-concurrency", "1", "sluice.tenants.\"acme\".concurrency", "9"));
        assertThat(limits.of(place("x", "f"), List.of())).containsExactly(new Limit("tenant=x", 1));
        assertThat(limits.of(place("acme", "f"), List.of())).containsExactly(new Limit("tenant=acme", 9));
        // Nobody in particular is no tenant.
        assertThat(limits.of(place("", "f"), List.of())).isEmpty();
    }

    @Test
    void aFunctionMayHaveARate() {
        var limits = configured(Map.of("sluice.functions.\"ocr\".rate.requests-per-minute", "600"));
        assertThat(limits.rateOf("ocr")).isEqualTo(new RateLimits.Rate(600, 0));
        assertThat(limits.rateOf("echo")).isNull();
    }

    @Test
    void aMaximumBelowOneIsRefusedByItsName() {
        assertThatThrownBy(() -> configured(Map.of("sluice.functions.\"ocr\".concurrency", "0")))
                .hasMessageContaining("sluice.functions.\"ocr\".concurrency is 0; it must be 1 or more");
    }

    @Test
    void whatWaitsForALimitOrARateIsTold() {
        RealRedis redis = RealRedis.empty();
        var clock = new HandClock();
        var terms = new TaskLimits(Map.of(), Map.of("f", 1), Map.of("g", 1));
        var limits = redis.limits(clock);
        var rates = new RateLimits(redis.link, Optional.of(clock));
        var has = place("", "f");
        var waits = new Place(P, LaneName.of("f"), "2-1");
        var later = new Place(P, LaneName.of("g"), "3-1");
        var asking = List.of(new Limits.Asking(has.name(), T0), new Limits.Asking(waits.name(), T0.plusSeconds(1)));
        limits.acquire(Map.of(new Limit("function=f", 1), asking), Duration.ofSeconds(15));
        var amounts = List.of(RateLimits.Amount.of(1, 0), new RateLimits.Amount(1, 0, later.name()));
        rates.reserve("function=g", terms.rateOf("g"), amounts, Duration.ofMinutes(2));
        assertThat(new Lines(limits, rates, terms).of(Map.of("has", has, "waits", waits, "later", later), List.of()))
                .isEqualTo(Map.of(
                        "waits", new Lines.Wait("function=f", 1, 1, Optional.empty()),
                        "later", new Lines.Wait("function=g", 0, 0, Optional.of(T0.plusSeconds(61)))));
    }
}
