package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Account.Scope;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An account as words: extensions of a step's CloudEvent ({@code sluicerun}, …), or headers of a request to the proxy
 * ({@code Sluice-Run}, …; percent-encoded UTF-8). Budgets are JSON such as {@code {"run": 50000, "step": 10000}}, in
 * micro-dollars.
 */
final class AccountWords {
    /** 8,192 characters: a visit's key in nested loops has some hundred; all headers together may have 64 KiB. */
    private static final int CHARACTERS_MAX = 8_192;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<Scope, String> MEMBERS =
            Map.of(Scope.RUN, "run", Scope.STEP, "step", Scope.WORKFLOW_DAY, "day");

    private static final String BUDGET =
            "Sluice-Budget is not JSON such as {\"run\": 50000}, in whole micro-dollars from 0 on";

    private AccountWords() {}

    /** @param extensions of a CloudEvent, decoded */
    static Account ofExtensions(Map<String, String> extensions) {
        return read(name -> extensions.get("sluice" + name), extensions.getOrDefault("traceparent", ""));
    }

    /**
     * @param header gives null for one that is not there
     * @throws ProblemException SL2014 for one that cannot be read
     */
    static Account ofHeaders(UnaryOperator<String> header) {
        String trace = header.apply("traceparent");
        return read(name -> decoded(header.apply("Sluice-" + name)), trace == null ? "" : trace);
    }

    private static Account read(UnaryOperator<String> word, String traceparent) {
        String attempt = text(word, "attempt");
        return new Account(
                text(word, "tenant"),
                text(word, "workflow"),
                text(word, "run"),
                text(word, "step"),
                attempt.matches("\\d{1,9}") ? Integer.parseInt(attempt) : 0,
                text(word, "origin"),
                budgets(text(word, "budget")),
                traceparent);
    }

    private static String text(UnaryOperator<String> word, String name) {
        String text = word.apply(name);
        if (text == null) return "";
        if (text.length() > CHARACTERS_MAX) {
            throw wrong("Sluice-" + name + " has more than " + CHARACTERS_MAX + " characters");
        }
        return text;
    }

    private static Map<Scope, Long> budgets(String text) {
        if (text.isEmpty()) return Map.of();
        try {
            JsonNode json = JSON.readTree(text);
            if (!json.isObject()) throw wrong(BUDGET);
            var budgets = new EnumMap<Scope, Long>(Scope.class);
            MEMBERS.forEach((scope, member) -> {
                JsonNode micros = json.path(member);
                if (micros.isMissingNode()) return;
                // What cannot be read must not pass for no budget at all.
                if (!micros.canConvertToLong() || !micros.isIntegralNumber() || micros.longValue() < 0) {
                    throw wrong(BUDGET);
                }
                budgets.put(scope, micros.longValue());
            });
            return budgets;
        } catch (JsonProcessingException e) {
            throw wrong(BUDGET);
        }
    }

    private static String decoded(String text) {
        if (text == null) return null;
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw wrong("a header of Sluice is not percent-encoded UTF-8: '" + text + "'");
        }
    }

    private static ProblemException wrong(String what) {
        return Problem.of(Code.SL2014, what + ".").asException();
    }

    /** Headers for another process' proxy; those that say nothing are left out. */
    static Map<String, String> headers(Account account) {
        var headers = new LinkedHashMap<String, String>();
        put(headers, "tenant", account.tenant());
        put(headers, "workflow", account.workflow());
        put(headers, "run", account.run());
        put(headers, "step", account.step());
        put(headers, "attempt", account.attempt() == 0 ? "" : String.valueOf(account.attempt()));
        put(headers, "origin", account.origin());
        if (!account.budgets().isEmpty()) {
            ObjectNode budgets = JsonNodeFactory.instance.objectNode();
            account.budgets().forEach((scope, micros) -> {
                if (MEMBERS.containsKey(scope)) budgets.put(MEMBERS.get(scope), micros);
            });
            put(headers, "budget", budgets.toString());
        }
        if (!account.traceparent().isEmpty()) headers.put("traceparent", account.traceparent());
        return headers;
    }

    private static void put(Map<String, String> headers, String name, String value) {
        if (value.isEmpty()) return;
        String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
        headers.put("Sluice-" + name, encoded);
    }
}
