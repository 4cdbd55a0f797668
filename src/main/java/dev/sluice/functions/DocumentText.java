package dev.sluice.functions;

import java.util.Map;

/**
 * What a document says.
 *
 * @param text plain text, lines ended by {@code \n}, at most {@link DocumentReader#TEXT_CHARACTERS_MAX} characters,
 *     never blank
 * @param mediaType what the bytes are, whatever the name says
 * @param title the document's own title, or empty
 * @param metadata what the format tells about the document: author, pages, charset, …; no empty values
 * @param truncated true when the document holds more text than {@code text}
 */
record DocumentText(String text, String mediaType, String title, Map<String, String> metadata, boolean truncated) {
    DocumentText {
        metadata = Map.copyOf(metadata);
    }
}
