package dev.sluice.functions;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/** What a person would read of a web page. Nothing that the page points to is fetched, no script runs. */
final class HtmlReader {
    private HtmlReader() {}

    /** Hold no text for a person. */
    private static final Set<String> HIDDEN =
            Set.of("script", "style", "noscript", "template", "head", "svg", "object");

    /** Metadata by the name of the {@code <meta>} element; others are left out, because pages hold dozens. */
    private static final Set<String> META_NAMES = Set.of("author", "description", "keywords", "date", "generator");

    /** A table's cells stay on the line of their row, divided by a tab. */
    private static final Set<String> CELLS = Set.of("td", "th");

    private static final Set<String> PREFORMATTED = Set.of("pre", "textarea");

    static DocumentText read(byte[] bytes) throws IOException {
        TextDecoder.Decoded decoded = TextDecoder.decode(bytes);
        Document page = Jsoup.parse(decoded.text());
        Map<String, String> metadata = decoded.metadata();
        for (Element meta : page.select("meta[name][content]")) {
            String name = meta.attr("name").toLowerCase(java.util.Locale.ROOT);
            if (META_NAMES.contains(name))
                metadata.put(name, meta.attr("content").strip());
        }
        Element html = page.selectFirst("html[lang]");
        if (html != null) metadata.put("language", html.attr("lang").strip());
        metadata.values().removeIf(String::isBlank);
        TextSink sink = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
        write(page.body(), sink);
        return new DocumentText(
                sink.toString(),
                DocumentKind.HTML.mediaType(),
                page.title().strip(),
                metadata,
                sink.truncated() || decoded.truncated());
    }

    /** The text of a fragment, as for the HTML part of a mail. */
    static void write(String html, TextSink sink) throws IOException {
        write(Jsoup.parse(html).body(), sink);
    }

    private static void write(Element body, TextSink sink) throws IOException {
        try {
            body.filter(new Walk(sink));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Blocks and rows become lines; runs of white space become one space, except in {@code <pre>}. */
    private static final class Walk implements NodeFilter {
        private final TextSink sink;
        private boolean atLineStart = true;
        private boolean spaceDue;

        /** How many elements around the current place keep white space as it is. */
        private int preformatted;

        Walk(TextSink sink) {
            this.sink = sink;
        }

        @Override
        public FilterResult head(Node node, int depth) {
            if (sink.isFull()) {
                sink.markTruncated();
                return FilterResult.STOP;
            }
            if (node instanceof TextNode text) {
                write(text);
            } else if (node instanceof Element element) {
                if (HIDDEN.contains(element.normalName())) return FilterResult.SKIP_ENTIRELY;
                if (startsLine(element)) line();
                if (PREFORMATTED.contains(element.normalName())) preformatted++;
                if (element.nameIs("li")) put("- ");
                if (element.nameIs("br")) line();
            }
            return FilterResult.CONTINUE;
        }

        @Override
        public FilterResult tail(Node node, int depth) {
            if (node instanceof Element element) {
                if (PREFORMATTED.contains(element.normalName())) preformatted--;
                if (CELLS.contains(element.normalName())) put("\t");
                if (startsLine(element)) line();
            }
            return FilterResult.CONTINUE;
        }

        private static boolean startsLine(Element element) {
            return element.isBlock() && !CELLS.contains(element.normalName());
        }

        private void write(TextNode node) {
            String text = node.getWholeText();
            if (preformatted > 0) {
                put(text);
                return;
            }
            for (String word : text.split("(?<=[ \\t\\n\\r\\f])|(?=[ \\t\\n\\r\\f])")) {
                if (word.isBlank() && !word.contains("\u00a0")) spaceDue |= !atLineStart && !word.isEmpty();
                else put(word);
            }
        }

        private void put(String text) {
            if (text.isEmpty()) return;
            if (spaceDue && !text.equals("\t")) send(" ");
            spaceDue = false;
            send(text);
            atLineStart = text.endsWith("\n");
        }

        private void line() {
            if (!atLineStart) send("\n");
            atLineStart = true;
            spaceDue = false;
        }

        private void send(String text) {
            try {
                sink.put(text);
            } catch (InterruptedIOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
