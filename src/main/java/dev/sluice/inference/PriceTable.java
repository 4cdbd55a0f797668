package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Prices by the name of a model, from a file: {@code {"version": "2026-11-30", "models": {"gpt-x": {"input": 0.40,
 * "cachedInput": 0.10, "output": 2.50}, "mine": {"hour": 2.0}}}}. US dollars per million tokens, and per hour.
 * {@code input} and {@code output} must be there unless {@code hour} is; {@code cachedInput} is {@code input} where it
 * is left out. A member that is not known is refused, for it may be a price that was spelled wrongly.
 *
 * @param version as the file has it; the ledger keeps it with every line
 */
record PriceTable(String version, Map<String, Price> models) {
    /** No file: prices come from the settings of each endpoint. */
    static final PriceTable NONE = new PriceTable("settings", Map.of());

    private static final String SETTING = "sluice.inference.price-table";
    private static final Set<String> MEMBERS = Set.of("version", "models");
    private static final Set<String> PRICES = Set.of("input", "cachedInput", "output", "hour");

    /** 4 MiB: the longest list of prices there is, of some 3,000 models, has one. */
    private static final long BYTES_MAX = 4 << 20;

    private static final int VERSION_LENGTH_MAX = 64;

    /** A million dollars per million tokens or per hour: more is a mistake of units. */
    private static final BigDecimal DOLLARS_MAX = BigDecimal.valueOf(1_000_000);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    PriceTable {
        models = Map.copyOf(models);
    }

    /** @throws ProblemException SL1007 naming the file and, where it is about one, the model and the member */
    static PriceTable read(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > BYTES_MAX) {
                throw wrong(file, "has " + bytes + " bytes, more than " + BYTES_MAX, null);
            }
            return of(file, JSON.readTree(Files.readString(file)));
        } catch (JsonProcessingException notJson) {
            var at = notJson.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw wrong(file, "is not JSON" + where + ": " + notJson.getOriginalMessage(), notJson);
        } catch (IOException notReadable) {
            throw wrong(file, "cannot be read (" + notReadable.getClass().getSimpleName() + ")", notReadable);
        }
    }

    private static PriceTable of(Path file, JsonNode json) {
        if (!json.isObject()) throw wrong(file, "is not a JSON object", null);
        onlyKnown(file, "", json, MEMBERS);
        JsonNode version = json.path("version");
        String name = version.asText("");
        if (!version.isTextual() || name.isBlank() || name.length() > VERSION_LENGTH_MAX) {
            String what = "must have a text of 1 to " + VERSION_LENGTH_MAX + " characters as \"version\"";
            throw wrong(file, what + ", such as the day of the prices", null);
        }
        if (!json.path("models").isObject()) throw wrong(file, "must have an object as \"models\"", null);
        Map<String, Price> models = new TreeMap<>();
        json.path("models").properties().forEach(model -> {
            models.put(model.getKey(), price(file, "model \"" + model.getKey() + "\"", model.getValue()));
        });
        return new PriceTable(name, models);
    }

    private static Price price(Path file, String model, JsonNode json) {
        if (!json.isObject()) throw wrong(file, model + " must be an object, is " + json, null);
        onlyKnown(file, model + " ", json, PRICES);
        Optional<BigDecimal> hour = dollars(file, model, json, "hour");
        Optional<BigDecimal> byHour = hour.map(price -> BigDecimal.ZERO);
        BigDecimal input =
                dollars(file, model, json, "input").or(() -> byHour).orElseThrow(() -> missing(file, model, "input"));
        BigDecimal output =
                dollars(file, model, json, "output").or(() -> byHour).orElseThrow(() -> missing(file, model, "output"));
        BigDecimal cached = dollars(file, model, json, "cachedInput").orElse(input);
        return Price.ofDollars(input, cached, output, hour.orElse(BigDecimal.ZERO));
    }

    private static Optional<BigDecimal> dollars(Path file, String model, JsonNode json, String member) {
        JsonNode price = json.get(member);
        if (price == null) return Optional.empty();
        boolean inBounds = price.isNumber()
                && price.decimalValue().signum() >= 0
                && price.decimalValue().compareTo(DOLLARS_MAX) <= 0;
        if (inBounds) return Optional.of(price.decimalValue());
        String what = " \"" + member + "\" must be a number of US dollars from 0 to " + DOLLARS_MAX + ", is ";
        throw wrong(file, model + what + EndpointFailure.shortened(price.toString()), null);
    }

    private static void onlyKnown(Path file, String where, JsonNode json, Set<String> known) {
        json.properties().forEach(member -> {
            if (known.contains(member.getKey())) return;
            String all = String.join(", ", known.stream().sorted().toList());
            throw wrong(file, where + "has \"" + member.getKey() + "\", which is none of " + all, null);
        });
    }

    private static ProblemException missing(Path file, String model, String member) {
        String why = "; an unknown price must not pass for free, write 0 if it is";
        return wrong(file, model + " has no \"" + member + "\"" + why, null);
    }

    private static ProblemException wrong(Path file, String what, Exception cause) {
        return new ProblemException(Problem.of(Code.SL1007, SETTING + ": " + file + ": " + what + "."), cause);
    }

    /** @param model its name at the endpoint */
    Optional<Price> of(String model) {
        return Optional.ofNullable(models.get(model));
    }
}
