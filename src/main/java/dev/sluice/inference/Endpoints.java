package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.AnswerFormat;
import dev.sluice.inference.InferenceSettings.EndpointSettings;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.client.api.QuarkusRestClientProperties;

/** The configured endpoints by name, and which of them an alias means. */
final class Endpoints {
    /** Name of the endpoint that needs neither configuration nor network: {@link OfflineModel}. */
    static final String OFFLINE = "offline";

    private static final String PREFIX = "sluice.inference.";
    private static final int CONCURRENCY = 16;

    /** 256: the offline model only computes, so more at a time would wait for the processor instead. */
    private static final int CONCURRENCY_OFFLINE = 256;

    /** Four seconds: below the five after which common model servers close an idle connection. */
    private static final int IDLE_SECONDS_MAX = 4;

    private static final Set<String> OUTPUT_LIMIT_FIELDS = Set.of("max_completion_tokens", "max_tokens");

    private final Map<String, Endpoint> byName = new TreeMap<>();
    private final String defaultAlias;

    /**
     * @param ownUrl base URL of the offline model in this process, asked for when the first call is made
     * @throws ProblemException SL1007 when an endpoint's settings cannot be used
     */
    Endpoints(InferenceSettings settings, Supplier<URI> ownUrl) {
        byName.put(OFFLINE, offline(ownUrl));
        settings.endpoints().forEach((name, endpoint) -> byName.put(name, endpoint(name, endpoint, ownUrl)));
        defaultAlias = settings.model();
    }

    /**
     * The endpoint of that name, else the first by name that serves a model of that name.
     *
     * @param alias "" for the default
     * @throws ProblemException SL5005 when there is none
     */
    Endpoint of(String alias) {
        String wanted = alias.isBlank() ? defaultAlias : alias;
        return find(wanted)
                .orElseThrow(() -> Problem.of(Code.SL5005, unknown(wanted)).asException());
    }

    /** @throws ProblemException SL1007 when the default alias means no endpoint */
    void check() {
        if (find(defaultAlias).isEmpty()) {
            throw Problem.of(Code.SL1007, PREFIX + "model is wrong: " + unknown(defaultAlias))
                    .asException();
        }
    }

    private Optional<Endpoint> find(String alias) {
        Endpoint named = byName.get(alias);
        if (named != null) return Optional.of(named);
        return byName.values().stream()
                .filter(endpoint -> endpoint.model().equals(alias))
                .findFirst();
    }

    private String unknown(String alias) {
        return "no endpoint and no model is called \"" + alias + "\". There are the endpoints "
                + String.join(", ", byName.keySet()) + ". Use one of them, or set " + PREFIX + "endpoints." + alias
                + ".url, .model, .input-price and .output-price.";
    }

    private static Endpoint offline(Supplier<URI> ownUrl) {
        Duration timeout = Duration.ofSeconds(30);
        return new Endpoint(
                OFFLINE,
                OfflineModel.NAME,
                new Key(Optional.empty()),
                Price.FREE,
                timeout,
                0,
                0,
                Optional.empty(),
                "max_completion_tokens",
                AnswerFormat.JSON_SCHEMA,
                client(ownUrl, timeout, Duration.ofSeconds(5), CONCURRENCY_OFFLINE),
                new Semaphore(CONCURRENCY_OFFLINE));
    }

    private static Endpoint endpoint(String name, EndpointSettings settings, Supplier<URI> ownUrl) {
        boolean offline = name.equals(OFFLINE);
        Supplier<URI> url = offline && settings.url().isEmpty() ? ownUrl : constant(url(name, settings));
        int concurrency = settings.concurrency().orElse(offline ? CONCURRENCY_OFFLINE : CONCURRENCY);
        require(concurrency > 0, name, "concurrency", "must be above 0");
        require(settings.timeout().isPositive(), name, "timeout", "must be above 0");
        require(settings.connectTimeout().isPositive(), name, "connect-timeout", "must be above 0");
        require(settings.inputCharactersMax() >= 0, name, "input-characters-max", "must not be negative");
        require(settings.stringCharactersMax() >= 0, name, "string-characters-max", "must not be negative");
        require(
                OUTPUT_LIMIT_FIELDS.contains(settings.outputLimitField()),
                name,
                "output-limit-field",
                "must be max_completion_tokens or max_tokens");
        return new Endpoint(
                name,
                present(settings.model().or(() -> ifOffline(offline, OfflineModel.NAME)), name, "model"),
                new Key(settings.key()),
                price(name, settings, offline),
                settings.timeout(),
                settings.inputCharactersMax(),
                settings.stringCharactersMax(),
                settings.temperature(),
                settings.outputLimitField(),
                settings.answerFormat(),
                client(url, settings.timeout(), settings.connectTimeout(), concurrency),
                new Semaphore(concurrency));
    }

    private static Price price(String name, EndpointSettings settings, boolean offline) {
        BigDecimal input =
                present(settings.inputPrice().or(() -> ifOffline(offline, BigDecimal.ZERO)), name, "input-price");
        BigDecimal output =
                present(settings.outputPrice().or(() -> ifOffline(offline, BigDecimal.ZERO)), name, "output-price");
        require(input.signum() >= 0, name, "input-price", "must not be negative");
        require(output.signum() >= 0, name, "output-price", "must not be negative");
        return Price.ofDollars(input, output);
    }

    private static <T> Optional<T> ifOffline(boolean offline, T value) {
        return offline ? Optional.of(value) : Optional.empty();
    }

    private static URI url(String name, EndpointSettings settings) {
        String text = present(settings.url(), name, "url").strip().replaceAll("/+$", "");
        require(
                text.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?"),
                name,
                "url",
                "must be an http or https URL, such as http://localhost:8090/v1");
        try {
            return URI.create(text);
        } catch (IllegalArgumentException notAUri) {
            throw wrong(name, "url", "must be an http or https URL, such as http://localhost:8090/v1");
        }
    }

    private static <T> T present(Optional<T> value, String name, String member) {
        return value.orElseThrow(() -> wrong(name, member, "is not set" + hint(member)));
    }

    private static String hint(String member) {
        return member.endsWith("-price") ? "; an unknown price must not pass for free, set 0 if it is" : "";
    }

    private static void require(boolean holds, String name, String member, String what) {
        if (!holds) throw wrong(name, member, what);
    }

    private static ProblemException wrong(String name, String member, String what) {
        return Problem.of(Code.SL1007, PREFIX + "endpoints." + name + "." + member + " " + what + ".")
                .asException();
    }

    private static Supplier<URI> constant(URI url) {
        return () -> url;
    }

    private static Supplier<ChatCompletions> client(
            Supplier<URI> url, Duration timeout, Duration connectTimeout, int concurrency) {
        AtomicReference<ChatCompletions> built = new AtomicReference<>();
        return () -> {
            ChatCompletions client = built.get();
            if (client != null) return client;
            built.compareAndSet(null, build(url.get(), timeout, connectTimeout, concurrency));
            return built.get();
        };
    }

    private static ChatCompletions build(URI url, Duration timeout, Duration connectTimeout, int concurrency) {
        return QuarkusRestClientBuilder.newBuilder()
                .baseUri(url)
                .connectTimeout(connectTimeout.toMillis(), TimeUnit.MILLISECONDS)
                .readTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .property(QuarkusRestClientProperties.CONNECTION_POOL_SIZE, concurrency)
                .property(QuarkusRestClientProperties.CONNECTION_TTL, IDLE_SECONDS_MAX)
                .followRedirects(false)
                .disableDefaultMapper(true)
                .build(ChatCompletions.class);
    }
}
