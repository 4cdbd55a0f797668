package dev.sluice.functions;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers a server's Digest challenge (RFC 7616; without qop as RFC 2069 has it). */
final class DigestAnswer {
    /** A value may hold challenges of other schemes before and after. */
    private static final Pattern DIGEST = Pattern.compile("(?i)(?:^|,)\\s*digest\\s+(.*)");

    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:\\\\.|[^\"\\\\])*)\"|([^\\s,\"]+))");

    private static final Map<String, String> ALGORITHMS =
            Map.of("MD5", "MD5", "SHA-256", "SHA-256", "SHA-512-256", "SHA-512/256");

    private DigestAnswer() {}

    /**
     * @param challenges values of the header {@code WWW-Authenticate}
     * @param cnonce drawn for this answer, hexadecimal
     * @return value of the header {@code Authorization}; empty when no challenge is one that can be answered
     */
    static Optional<String> to(List<String> challenges, Authentication.Digest who, Outgoing request, String cnonce) {
        return challenges.stream()
                .map(DIGEST::matcher)
                .filter(Matcher::find)
                .map(found -> parameters(found.group(1)))
                .filter(challenge -> ALGORITHMS.containsKey(algorithm(challenge)) && isQopKnown(challenge))
                .map(challenge -> answer(challenge, who, request, cnonce))
                .findFirst();
    }

    private static Map<String, String> parameters(String challenge) {
        var parameters = new HashMap<String, String>();
        Matcher matcher = PARAMETER.matcher(challenge);
        while (matcher.find()) {
            String value = matcher.group(2) == null
                    ? matcher.group(3)
                    : matcher.group(2).replaceAll("\\\\(.)", "$1");
            parameters.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value);
        }
        return parameters;
    }

    private static String algorithm(Map<String, String> challenge) {
        String name = challenge.getOrDefault("algorithm", "MD5").toUpperCase(Locale.ROOT);
        return name.endsWith("-SESS") ? name.substring(0, name.length() - 5) : name;
    }

    /** {@code auth-int} alone, a digest of the body too, is not answered. */
    private static boolean isQopKnown(Map<String, String> challenge) {
        return !challenge.containsKey("qop")
                || List.of(challenge.get("qop").split("\\s*,\\s*")).contains("auth");
    }

    private static String answer(
            Map<String, String> challenge, Authentication.Digest who, Outgoing request, String cnonce) {
        String algorithm = algorithm(challenge);
        String realm = challenge.getOrDefault("realm", "");
        String nonce = challenge.getOrDefault("nonce", "");
        String target = target(request);
        String secret = hash(algorithm, who.username() + ":" + realm + ":" + who.password());
        if (challenge.getOrDefault("algorithm", "").toUpperCase(Locale.ROOT).endsWith("-SESS")) {
            secret = hash(algorithm, secret + ":" + nonce + ":" + cnonce);
        }
        String asked = hash(algorithm, request.method().toUpperCase(Locale.ROOT) + ":" + target);
        boolean qop = challenge.containsKey("qop");
        String proof =
                hash(algorithm, secret + ":" + nonce + ":" + (qop ? "00000001:" + cnonce + ":auth:" : "") + asked);
        String header = "Digest username=" + quoted(who.username()) + ", realm=" + quoted(realm) + ", nonce="
                + quoted(nonce) + ", uri=" + quoted(target) + ", response=" + quoted(proof);
        if (challenge.containsKey("algorithm")) header += ", algorithm=" + challenge.get("algorithm");
        if (challenge.containsKey("opaque")) header += ", opaque=" + quoted(challenge.get("opaque"));
        return qop ? header + ", qop=auth, nc=00000001, cnonce=" + quoted(cnonce) : header;
    }

    private static String target(Outgoing request) {
        String query = request.uri().getRawQuery();
        return request.uri().getRawPath() + (query == null ? "" : "?" + query);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String hash(String algorithm, String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance(ALGORITHMS.get(algorithm));
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5 and SHA-2", e);
        }
    }
}
