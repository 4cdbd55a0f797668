package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A URI with <code>{name}</code> in it (RFC 6570, simple expansion only, as the DSL has it): replaced by the input's
 * member of that name; by nothing when there is none.
 */
record UriTemplate(String text, String pointer) implements Template {
    private static final Pattern NAME = Pattern.compile("\\{([^{}]+)}");

    private static final String UNRESERVED = "-._~";

    @Override
    public JsonNode evaluate(Scopes scopes, JsonNode current) {
        return TextNode.valueOf(NAME.matcher(text)
                .replaceAll(name -> java.util.regex.Matcher.quoteReplacement(value(name.group(1), current))));
    }

    private String value(String name, JsonNode current) {
        JsonNode value = current.path(name);
        if (value.isContainerNode()) {
            throw Problem.of(
                            Code.SL3003,
                            pointer + ": {" + name + "} in '" + text
                                    + "' is an object or an array; a URI takes a text, a number, a boolean or null")
                    .asException();
        }
        return value.isMissingNode() || value.isNull() ? "" : encoded(value.asText());
    }

    private static String encoded(String value) {
        var encoded = new StringBuilder(value.length());
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b > 0 && (Character.isLetterOrDigit(b) || UNRESERVED.indexOf(b) >= 0);
            if (plain) encoded.append((char) b);
            else encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return encoded.toString();
    }
}
