package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** How many input tokens a request of the OpenAI protocol will have, before its endpoint has counted them. */
final class TokenEstimate {
    /** What a model is given of a request; the rest are parameters. {@code input}: of embeddings. */
    private static final List<String> GIVEN =
            List.of("messages", "input", "prompt", "tools", "functions", "response_format");

    /** 256: what templates put before the first message (harmony: some 100), and after the last one. */
    private static final int REQUEST_TOKENS_MAX = 256;

    /** 16: marks around a message, its role, and the space that some tokenizers put before a text. */
    private static final int MESSAGE_TOKENS_MAX = 16;

    /** Quotes, colon and comma of a member. */
    private static final int MEMBER_BYTES = 4;

    /** 37,000: gpt-4o-mini counts 2,833 and 5,667 for each of at most six tiles, more than all others do. */
    private static final long IMAGE_TOKENS_MAX = 37_000;

    private static final long IMAGE_LOW_TOKENS_MAX = 3_000;

    /** Sound: 25 tokens a second, and 1,333 characters of base64 where it is packed to 8 kbit/s. */
    private static final int SOUND_CHARACTERS_PER_TOKEN = 32;

    /** Four: the usual rule of thumb for English text with the tokenizers of today. */
    private static final int CHARACTERS_PER_TOKEN = 4;

    private static final int MESSAGE_TOKENS = 4;

    /** An image of about 1,000 × 1,000 pixels. */
    private static final long IMAGE_TOKENS = 1_000;

    private TokenEstimate() {}

    /**
     * For reservations: not less than what the endpoint will count, as far as that can be known without its tokenizer.
     * A token is at least one byte of UTF-8 (byte-level BPE, or SentencePiece with its bytes), so the bytes of
     * everything the model is given, and what templates add, are a bound; an image and a sound have bounds of their
     * own, by what providers document. No bound: PDF files, of which the characters of their base64 are taken.
     *
     * @param request body of a chat completion or an embedding
     */
    static long atMost(JsonNode request) {
        long tokens = REQUEST_TOKENS_MAX;
        for (String member : GIVEN) tokens += bytes(request.path(member));
        for (JsonNode message : request.path("messages")) {
            tokens += MESSAGE_TOKENS_MAX;
            for (JsonNode part : message.path("content")) tokens += attachment(part, IMAGE_TOKENS_MAX) - encoded(part);
        }
        return tokens;
    }

    /** For rates: what is likely, four characters a token. Above 0. */
    static long likely(JsonNode request) {
        long characters = 0;
        long tokens = 0;
        for (String member : GIVEN) characters += characters(request.path(member));
        for (JsonNode message : request.path("messages")) {
            tokens += MESSAGE_TOKENS;
            for (JsonNode part : message.path("content")) {
                tokens += attachment(part, IMAGE_TOKENS);
                characters -= encoded(part);
            }
        }
        return Math.max(1, Math.ceilDiv(characters, CHARACTERS_PER_TOKEN) + tokens);
    }

    /** Tokens of an image or a sound that is a part of a message; 0 for other parts. */
    private static long attachment(JsonNode part, long imageTokens) {
        String type = part.path("type").asText("");
        if (type.equals("input_audio")) return Math.ceilDiv(encoded(part), SOUND_CHARACTERS_PER_TOKEN);
        if (!type.equals("image_url")) return 0;
        boolean low = part.path("image_url").path("detail").asText("").equals("low");
        return low ? Math.min(imageTokens, IMAGE_LOW_TOKENS_MAX) : imageTokens;
    }

    /** Characters of what a model is given as an image or a sound, not as text: a URL, or base64. */
    private static long encoded(JsonNode part) {
        return switch (part.path("type").asText("")) {
            case "image_url" -> part.at("/image_url/url").asText("").length();
            case "input_audio" -> part.at("/input_audio/data").asText("").length();
            default -> 0;
        };
    }

    private static long bytes(JsonNode node) {
        if (node.isTextual()) return utf8(node.textValue()) + 2;
        if (node.isValueNode()) return node.asText().length();
        long bytes = 0;
        for (JsonNode item : node) bytes += bytes(item) + 1;
        for (Map.Entry<String, JsonNode> member : node.properties()) bytes += utf8(member.getKey()) + MEMBER_BYTES;
        return bytes;
    }

    private static long characters(JsonNode node) {
        if (node.isValueNode()) return node.asText().length();
        long characters = 0;
        for (JsonNode item : node) characters += characters(item);
        for (Map.Entry<String, JsonNode> member : node.properties())
            characters += member.getKey().length();
        return characters;
    }

    /** Bytes of the text in UTF-8, without making them. */
    private static long utf8(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Half of a pair that takes four bytes, else three.
            if (c >= 0x80) bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return bytes;
    }
}
