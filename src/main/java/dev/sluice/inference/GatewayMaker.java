package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.PrivateImages;
import dev.sluice.queue.RateLimits;
import dev.sluice.queue.RedisLink;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.HttpServer;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the layer together, as the settings and the Redis of this process have it. */
final class GatewayMaker {
    private GatewayMaker() {}

    /**
     * What the layer works with.
     *
     * @param redis empty: a process of functions alone that has none
     * @param ownUrl base URL of the offline model in this process, asked for when the first call is made
     */
    record Surroundings(
            Optional<RedisLink> redis,
            Optional<RateLimits> rates,
            MeterRegistry registry,
            Vertx vertx,
            ModelSpans spans,
            Supplier<URI> ownUrl,
            Clock clock,
            RandomGenerator chance) {}

    /** @throws dev.sluice.workflow.ProblemException SL1007 when settings cannot be used */
    static Gateway make(InferenceSettings settings, Surroundings around) {
        if (settings.url().isPresent()) {
            return new RemoteGateway(Wrong.url(settings.url().get(), "url"), around.vertx());
        }
        var endpoints = new Endpoints(settings, around.ownUrl());
        var routes = new Routes(settings, endpoints);
        var budgets = new Budgets(settings);
        if (around.redis().isEmpty()) requireNothingShared(endpoints, routes, budgets);
        Books books = around.redis()
                .<Books>map(redis -> new RedisBooks(redis, around.clock()))
                .orElseGet(() -> new NoBooks(around.clock()));
        Health health = around.redis()
                .<Health>map(redis -> new RedisHealth(redis, around.clock()))
                .orElseGet(() -> new LocalHealth(around.clock()));
        var latencies = new Latencies();
        var gate = new Gate(health, around.rates(), latencies, around.clock());
        var upstream = new Upstream(around.vertx(), around.clock());
        var meter = new ModelMeter(around.registry());
        var exchanges = new Exchanges(
                books, health, gate, upstream, latencies, meter, around.spans(), around.clock(), around.chance());
        var keeper = new Keeper(books);
        var means = new Buying.Means(gate, latencies, keeper, around.chance());
        var cache = new AnswerCache(around.redis(), around.clock());
        var upkeep = new Upkeep(around.vertx(), keeper, books, List.of(upstream::close, around.spans()::close));
        var asked = new Asked(settings.privateImageUrls() == PrivateImages.ALLOW);
        return new LocalGateway(routes, asked, books, budgets, cache, exchanges, means, settings.patience(), upkeep);
    }

    /** What all processes must keep together needs a Redis; without one it would be kept by each for itself. */
    private static void requireNothingShared(Endpoints endpoints, Routes routes, Budgets budgets) {
        String how = "needs Redis: set quarkus.redis.hosts, or sluice.inference.url to a process with the role"
                + " inference";
        Wrong.unless(budgets.isEmpty(), "budgets", how);
        for (Endpoint endpoint : endpoints.all().values()) {
            boolean rated =
                    isRate(endpoint.limits().rate()) || isRate(endpoint.limits().quotaRate());
            Wrong.unless(!rated, "endpoints." + endpoint.name() + ".requests-per-minute or tokens-per-minute", how);
        }
        Wrong.unless(routes.all().stream().allMatch(route -> route.cache().isZero()), "routes cache", how);
    }

    private static boolean isRate(RateLimits.Rate rate) {
        return rate.requestsPerMinute() > 0 || rate.tokensPerMinute() > 0;
    }

    @Singleton
    static final class Producer {
        @Produces
        @Singleton
        Gateway gateway(
                InferenceSettings settings,
                Instance<RedisLink> redis,
                Instance<RateLimits> rates,
                MeterRegistry registry,
                Vertx vertx,
                TelemetrySettings telemetry,
                HttpServer server,
                Instance<Clock> clock,
                @ConfigProperty(name = "quarkus.redis.hosts") Optional<List<String>> redisHosts) {
            boolean shared = redisHosts.isPresent();
            return make(
                    settings,
                    new Surroundings(
                            shared ? Optional.of(redis.get()) : Optional.empty(),
                            shared ? Optional.of(rates.get()) : Optional.empty(),
                            registry,
                            vertx,
                            ModelSpans.of(telemetry),
                            () -> URI.create("http://127.0.0.1:" + server.getPort() + OfflineResource.PATH),
                            clock.isResolvable() ? clock.get() : Clock.systemUTC(),
                            new SecureRandom()));
        }
    }
}
