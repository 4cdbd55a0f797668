package dev.sluice.functions;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text that is read as it stands: txt, md, csv, and everything else that people write with an editor. */
final class PlainReader {
    private PlainReader() {}

    private static final Pattern HEADING = Pattern.compile("(?m)^#\\s+(\\S.*?)\\s*#*\\s*$");

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
            Matcher heading = HEADING.matcher(text);
            if (heading.find()) title = heading.group(1);
        } else if (kind == DocumentKind.CSV) {
            String firstLine = text.lines().findFirst().orElse("");
            if (firstLine.length() <= COLUMNS_CHARACTERS_MAX) metadata.put("columns", firstLine);
            metadata.put("lines", Long.toString(text.lines().count()));
        }
        metadata.values().removeIf(String::isBlank);
        return new DocumentText(text, kind.mediaType(), title, metadata, sink.truncated() || decoded.truncated());
    }
}
