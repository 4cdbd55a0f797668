package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.EndpointSettings;
import dev.sluice.inference.InferenceSettings.Kind;
import dev.sluice.inference.InferenceSettings.QuotaSettings;
import dev.sluice.inference.InferenceSettings.UnknownPrice;
import dev.sluice.queue.RateLimits.Rate;
import dev.sluice.workflow.ProblemException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The configured endpoints, by name. */
final class Endpoints {
    /** Name of the endpoint that needs neither configuration nor network: {@link OfflineModel}. */
    static final String OFFLINE = "offline";

    private static final int CONCURRENCY = 16;

    /** 256: the offline model only computes, so more at a time would wait for the processor instead. */
    private static final int CONCURRENCY_OFFLINE = 256;

    private static final Set<String> OUTPUT_LIMIT_FIELDS = Set.of("max_completion_tokens", "max_tokens");

    private static final Rate ANY = new Rate(0, 0);

    private final InferenceSettings settings;
    private final PriceTable table;
    private final Supplier<URI> ownUrl;
    private final Map<String, Endpoint> byName = new TreeMap<>();

    /**
     * @param ownUrl base URL of the offline model in this process, asked for when the first call is made
     * @throws ProblemException SL1007 when an endpoint's settings cannot be used
     */
    Endpoints(InferenceSettings settings, Supplier<URI> ownUrl) {
        this.settings = settings;
        this.table = settings.priceTable()
                .map(file -> PriceTable.read(Path.of(file)))
                .orElse(PriceTable.NONE);
        this.ownUrl = ownUrl;
        byName.put(OFFLINE, offline());
        settings.endpoints().forEach((name, endpoint) -> byName.put(name, endpoint(name, endpoint)));
    }

    Map<String, Endpoint> all() {
        return byName;
    }

    private Endpoint offline() {
        var timeouts = new Endpoint.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30));
        return new Endpoint(
                OFFLINE,
                OfflineModel.NAME,
                Kind.SERVERLESS,
                OFFLINE,
                new Key(Optional.empty()),
                Price.FREE,
                "settings",
                new Endpoint.Limits(ANY, ANY, CONCURRENCY_OFFLINE, 0, 4_096),
                timeouts,
                Endpoint.Dialect.STANDARD,
                ownUrl,
                ModelClients.lazily(ownUrl, timeouts, CONCURRENCY_OFFLINE),
                new Semaphore(CONCURRENCY_OFFLINE));
    }

    private Endpoint endpoint(String name, EndpointSettings of) {
        boolean offline = name.equals(OFFLINE);
        Supplier<URI> url = offline && of.url().isEmpty() ? ownUrl : constant(url(name, of));
        int concurrency = of.concurrency().orElse(offline ? CONCURRENCY_OFFLINE : CONCURRENCY);
        check(name, of, concurrency);
        String model = Wrong.present(
                of.model().or(() -> offline ? Optional.of(OfflineModel.NAME) : Optional.empty()),
                endpoint(name, "model"),
                "");
        var timeouts = new Endpoint.Timeouts(of.connectTimeout(), of.firstTokenTimeout(), of.timeout());
        boolean own = of.inputPrice().isPresent() || of.hourPrice().isPresent();
        return new Endpoint(
                name,
                model,
                of.kind(),
                of.quota().orElse(name),
                new Key(of.key()),
                offline && !own ? Price.FREE : price(name, model, of),
                own || offline ? "settings" : table.version(),
                limits(name, of, concurrency),
                timeouts,
                dialect(of),
                url,
                ModelClients.lazily(url, timeouts, concurrency),
                new Semaphore(concurrency));
    }

    private static void check(String name, EndpointSettings of, int concurrency) {
        Wrong.unless(concurrency > 0, endpoint(name, "concurrency"), "must be above 0");
        Wrong.unless(of.timeout().isPositive(), endpoint(name, "timeout"), "must be above 0");
        Wrong.unless(of.connectTimeout().isPositive(), endpoint(name, "connect-timeout"), "must be above 0");
        Wrong.unless(of.firstTokenTimeout().isPositive(), endpoint(name, "first-token-timeout"), "must be above 0");
        Wrong.unless(of.outputTokensMax() > 0, endpoint(name, "output-tokens-max"), "must be above 0");
        Wrong.unless(of.contextTokens() >= 0, endpoint(name, "context-tokens"), "must not be negative");
        Wrong.unless(of.inputCharactersMax() >= 0, endpoint(name, "input-characters-max"), "must not be negative");
        Wrong.unless(of.stringCharactersMax() >= 0, endpoint(name, "string-characters-max"), "must not be negative");
        Wrong.unless(
                OUTPUT_LIMIT_FIELDS.contains(of.outputLimitField()),
                endpoint(name, "output-limit-field"),
                "must be max_completion_tokens or max_tokens");
    }

    private Endpoint.Limits limits(String name, EndpointSettings of, int concurrency) {
        Rate rate = rate(endpoint(name, ""), of.requestsPerMinute(), of.tokensPerMinute());
        Rate shared = ANY;
        if (of.quota().isPresent()) {
            QuotaSettings quota = settings.quotas().get(of.quota().get());
            String place = "quotas." + of.quota().get() + ".";
            if (quota != null) shared = rate(place, quota.requestsPerMinute(), quota.tokensPerMinute());
        }
        return new Endpoint.Limits(rate, shared, concurrency, of.contextTokens(), of.outputTokensMax());
    }

    private static Rate rate(String prefix, OptionalLong requests, OptionalLong tokens) {
        Wrong.unless(requests.orElse(1) > 0, prefix + "requests-per-minute", "must be above 0");
        Wrong.unless(tokens.orElse(1) > 0, prefix + "tokens-per-minute", "must be above 0");
        return new Rate(requests.orElse(0), tokens.orElse(0));
    }

    private static Endpoint.Dialect dialect(EndpointSettings of) {
        return new Endpoint.Dialect(
                of.inputCharactersMax(),
                of.stringCharactersMax(),
                of.temperature(),
                of.outputLimitField(),
                of.answerFormat());
    }

    /** Its own, else the table's. A dedicated endpoint that is paid by the hour needs none for tokens. */
    private Price price(String name, String model, EndpointSettings of) {
        boolean none = of.inputPrice().isEmpty()
                && of.outputPrice().isEmpty()
                && of.hourPrice().isEmpty();
        if (none) {
            Optional<Price> listed = table.of(model);
            if (listed.isPresent()) return listed.get();
            if (of.unknownPrice() == UnknownPrice.ALLOW) return Price.FREE;
        }
        Optional<BigDecimal> free = of.hourPrice().map(hour -> BigDecimal.ZERO);
        String hint = "; an unknown price must not pass for free, set 0 if it is";
        BigDecimal input = Wrong.present(of.inputPrice().or(() -> free), endpoint(name, "input-price"), hint);
        BigDecimal output = Wrong.present(of.outputPrice().or(() -> free), endpoint(name, "output-price"), hint);
        BigDecimal cached = of.cachedInputPrice().orElse(input);
        BigDecimal hour = of.hourPrice().orElse(BigDecimal.ZERO);
        Wrong.unless(input.signum() >= 0, endpoint(name, "input-price"), "must not be negative");
        Wrong.unless(output.signum() >= 0, endpoint(name, "output-price"), "must not be negative");
        Wrong.unless(cached.signum() >= 0, endpoint(name, "cached-input-price"), "must not be negative");
        Wrong.unless(hour.signum() >= 0, endpoint(name, "hour-price"), "must not be negative");
        return Price.ofDollars(input, cached, output, hour);
    }

    private static URI url(String name, EndpointSettings of) {
        String place = endpoint(name, "url");
        URI url = Wrong.url(Wrong.present(of.url(), place, ""), place);
        boolean keyInTheOpen = of.key().filter(key -> !key.isBlank()).isPresent()
                && url.getScheme().equals("http")
                && !isNear(url.getHost());
        Wrong.unless(!keyInTheOpen, place, "must be an https URL, because the endpoint has a key");
        return url;
    }

    /** A host of this machine or of a network of one's own, such as a model server beside us in a cluster. */
    private static boolean isNear(String host) {
        if (host.endsWith(".local") || host.endsWith(".svc") || !host.contains(".")) return true;
        if (!host.matches("[0-9.]+|\\[.*]")) return false;
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isLoopbackAddress() || address.isSiteLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String endpoint(String name, String member) {
        return "endpoints." + name + "." + member;
    }

    private static Supplier<URI> constant(URI url) {
        return () -> url;
    }
}
