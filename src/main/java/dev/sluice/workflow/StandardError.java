package dev.sluice.workflow;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The error types that the DSL defines, and which of them each of Sluice's codes is. */
public enum StandardError {
    CONFIGURATION(400),
    VALIDATION(400),
    EXPRESSION(400),
    AUTHENTICATION(401),
    AUTHORIZATION(403),
    TIMEOUT(408),
    COMMUNICATION(500),
    RUNTIME(500);

    private static final String PREFIX = "https://serverlessworkflow.io/spec/1.0.0/errors/";

    /** The reference, its examples and the conformance scenarios write the same types in different ways. */
    private static final Pattern WRITTEN = Pattern.compile("https?://(?:serverlessworkflow\\.io(?:\\.io)?"
            + "|open-workflow-specification\\.org)/"
            + "(?:spec/[^/]+/errors|dsl/errors/types|errors|errors/types)/([a-z]+)");

    private final int status;

    StandardError(int status) {
        this.status = status;
    }

    public String type() {
        return PREFIX + word();
    }

    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public int status() {
        return status;
    }

    /** The type as this class writes it, when it is one of the standard's; else as it is. */
    static String canonical(String type) {
        Matcher matcher = WRITTEN.matcher(type);
        if (!matcher.matches()) return type;
        for (StandardError each : values()) {
            if (each.word().equals(matcher.group(1))) return each.type();
        }
        return type;
    }

    public static Optional<StandardError> of(String type) {
        for (StandardError each : values()) {
            if (each.type().equals(canonical(type))) return Optional.of(each);
        }
        return Optional.empty();
    }

    static StandardError of(Code code) {
        return switch (code) {
            case SL1001, SL1002, SL1003, SL1004, SL1005, SL1006, SL1007, SL5005 -> CONFIGURATION;
            case SL2017 -> AUTHORIZATION;
            case SL3003, SL3004 -> EXPRESSION;
            case SL4011, SL5006 -> TIMEOUT;
            case SL4010, SL4012, SL4013, SL4040, SL4041, SL4042, SL4043, SL5001, SL5002, SL5003, SL5004, SL2016 ->
                COMMUNICATION;
            case SL9001, SL4014 -> RUNTIME;
            default -> code.status() < 500 ? VALIDATION : RUNTIME;
        };
    }
}
