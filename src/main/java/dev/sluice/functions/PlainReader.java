package dev.sluice.functions;

import java.io.IOException;
import java.util.Map;

/** Text that is read as it stands: txt, md, csv, and everything else that people write with an editor. */
final class PlainReader {
    private PlainReader() {}

    /** Longer first lines are not the names of columns. */
    private static final int COLUMNS_CHARACTERS_MAX = 1000;

    static DocumentText read(byte[] bytes, DocumentKind kind) throws IOException {
        TextDecoder.Decoded decoded = TextDecoder.decode(bytes);
        TextSink sink = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
        sink.put(decoded.text().replace("\r\n", "\n").replace('\r', '\n').replace('\0', ' '));
        Map<String, String> metadata = decoded.metadata();
        String text = sink.toString();
        String title = "";
        if (kind == DocumentKind.MARKDOWN) {
            title = text.lines()
                    .filter(line -> line.startsWith("# ") || line.startsWith("#\t"))
                    .map(PlainReader::heading)
                    .filter(heading -> !heading.isEmpty())
                    .findFirst()
                    .orElse("");
        } else if (kind == DocumentKind.CSV) {
            String firstLine = text.lines().findFirst().orElse("");
            if (firstLine.length() <= COLUMNS_CHARACTERS_MAX) metadata.put("columns", firstLine);
            metadata.put("lines", Long.toString(text.lines().count()));
        }
        metadata.values().removeIf(String::isBlank);
        return new DocumentText(text, kind.mediaType(), title, metadata, sink.truncated() || decoded.truncated());
    }

    /** Without the marks before and after it. Not by a pattern: one that backtracks takes years for one long line. */
    private static String heading(String line) {
        int end = line.length();
        while (end > 1 && (line.charAt(end - 1) == '#' || Character.isWhitespace(line.charAt(end - 1)))) end--;
        return line.substring(1, end).strip();
    }
}
