package dev.sluice.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.KebabCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * How the simulator behaves. By name in kebab case, {@code error-rate=0.2}: as an argument of the program, in
 * {@link #of}, and as a member of {@code POST /control}. A rate is a share of requests, 0 to 1; a time is in
 * milliseconds.
 *
 * @param port on 127.0.0.1; 0: any that is free
 * @param seed of every chance
 * @param instant true: no time passes, whatever the next five say
 * @param tokensPerSecond of one stream, however many there are
 * @param firstToken time to the first token
 * @param coldStart what the first request waits in addition, and those that come meanwhile; also after {@code idle}
 * @param idle without a request, after which the model is cold
 * @param errorRate answers with one of {@code errorStatus}
 * @param errorStatus comma-separated
 * @param limitRate answers 429
 * @param retryAfter in which form a 429 or 503 says how long to wait
 * @param retryAfterTime what a 429 outside of storms and a 503 say
 * @param stormEvery, stormTime from the start on, every {@code stormEvery} everything is answered 429 for
 *     {@code stormTime}, and the wait told is what is left of the storm; 0: none
 * @param malformedRate of answers to a JSON schema that are not valid JSON or not valid against it
 * @param malformed in which way
 * @param filterRate is stopped by a content filter
 * @param filter before anything is generated (400, not billed), or in the middle (200, billed)
 * @param cutRate breaks off in the middle of the answer; not billed
 * @param cut by closing the connection, or by an error event when it is a stream
 * @param hangRate gets no answer ever; not billed
 * @param capacity requests at the same time; the next is answered 429. 0: no bound
 * @param contextTokens prompt and answer together; what is longer is answered 400. 0: no bound
 * @param inputPrice micro-dollars per million tokens
 * @param outputPrice as well
 * @param cachedPrice as well, of input read from the prompt cache
 * @param cachedShare of the prompt that is read from the cache when the same request comes again
 * @param billCancelled bills also what was not written to its end because the caller went away
 * @param key expected as bearer token; others get 401. Empty: none is asked for
 * @param echo every error repeats the Authorization header in its text, in {@code x-echo} and, in a stream, in the
 *     event
 * @param answerTokens of an answer in prose
 * @param dimensions of an embedding when the request does not say
 * @param models that {@code GET /v1/models} lists; any name is answered
 * @param lastSchema answers whose schema's name ends with it are the second number of {@code GET /}
 */
@JsonNaming(KebabCaseStrategy.class)
public record Options(
        int port,
        long seed,
        boolean instant,
        double tokensPerSecond,
        long firstToken,
        long coldStart,
        long idle,
        double errorRate,
        List<Integer> errorStatus,
        double limitRate,
        Wait retryAfter,
        long retryAfterTime,
        long stormEvery,
        long stormTime,
        double malformedRate,
        Malformed malformed,
        double filterRate,
        Filter filter,
        double cutRate,
        Cut cut,
        double hangRate,
        int capacity,
        int contextTokens,
        long inputPrice,
        long outputPrice,
        long cachedPrice,
        double cachedShare,
        boolean billCancelled,
        String key,
        boolean echo,
        int answerTokens,
        int dimensions,
        List<String> models,
        String lastSchema) {

    /** Of a large open model on one accelerator. */
    public static final double TOKENS_PER_SECOND = 51.4;

    /** Where a refusal says how long to wait. */
    public enum Wait {
        /** {@code Retry-After: 2} */
        SECONDS,
        /** {@code Retry-After: Sun, 06 Nov 1994 08:49:37 GMT} */
        DATE,
        /** {@code retry-after-ms: 1500} */
        MILLIS,
        /** {@code x-ratelimit-remaining-requests: 0} and {@code x-ratelimit-reset-requests: 1m0.5s} */
        RESET,
        /** Nowhere. */
        NONE,
        /** Any of those above but {@code NONE}, by chance. */
        ANY
    }

    public enum Filter {
        BEFORE,
        MIDDLE,
        ANY
    }

    public enum Cut {
        CLOSE,
        EVENT
    }

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(com.fasterxml.jackson.databind.MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();

    private static final Options DEFAULTS = new Options(
            0,
            1,
            false,
            TOKENS_PER_SECOND,
            200,
            0,
            60_000,
            0,
            List.of(500, 503),
            0,
            Wait.ANY,
            1_000,
            0,
            0,
            0,
            Malformed.ANY,
            0,
            Filter.ANY,
            0,
            Cut.CLOSE,
            0,
            0,
            0,
            400_000,
            2_500_000,
            100_000,
            0,
            false,
            "",
            false,
            30,
            64,
            List.of("simulated"),
            "summary");

    /** @param settings {@code name=value} */
    public static Options of(String... settings) {
        return DEFAULTS.with(settings);
    }

    /** These, but for those that are named. */
    public Options with(String... settings) {
        ObjectNode changes = JSON.createObjectNode();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("'" + setting + "' is not of the form name=value");
            changes.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return with(changes);
    }

    /** @throws IllegalArgumentException when there is no option of a name, or a value cannot be one */
    Options with(JsonNode changes) {
        ObjectNode all = JSON.valueToTree(this);
        changes.properties().forEach(each -> {
            JsonNode before = all.get(each.getKey());
            boolean list = before instanceof ArrayNode && each.getValue().isTextual();
            all.set(each.getKey(), list ? list(each.getValue().asText()) : each.getValue());
        });
        try {
            return JSON.treeToValue(all, Options.class);
        } catch (JsonProcessingException refused) {
            throw new IllegalArgumentException(refused.getOriginalMessage(), refused);
        }
    }

    /** The same request gets the same answer every time, and gets one. */
    boolean isSteady() {
        double chances = errorRate + limitRate + malformedRate + filterRate + cutRate + hangRate + cachedShare;
        return chances == 0 && contextTokens == 0;
    }

    private static ArrayNode list(String text) {
        ArrayNode list = JSON.createArrayNode();
        for (String item : text.split(",")) list.add(item.strip());
        return list;
    }
}
