package dev.sluice.functions;

import dev.sluice.workflow.Code;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import javax.xml.stream.XMLStreamException;

/**
 * Text of a Word document (ECMA-376): a ZIP file of XML parts, read as a stream by the JDK alone. Body, notes,
 * comments, headers and footers; not the pictures, and nothing that the document links to.
 */
final class WordReader {
    private WordReader() {}

    /**
     * 256 MiB unpacked: the XML of the largest manuscripts stays below 100 MB, pictures hardly shrink in a ZIP file.
     */
    static final long EXPANDED_BYTES_MAX = 256L << 20;

    /** Word writes dozens, with a picture on every page some hundreds. */
    static final int PARTS_MAX = 10_000;

    static DocumentText read(String name, byte[] bytes) throws IOException {
        Map<String, TextSink> texts = new TreeMap<>();
        Map<String, String> properties = new TreeMap<>();
        Counted counted = new Counted(name);
        int parts = 0;
        boolean office = false;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++parts > PARTS_MAX) throw expands(name, "holds more than " + PARTS_MAX + " parts");
                InputStream part = counted.of(zip);
                String path = entry.getName().toLowerCase(Locale.ROOT);
                office |= path.equals("[content_types].xml");
                String order = orderOf(path);
                if (path.equals("docprops/core.xml")) {
                    properties.putAll(WordXml.properties(part));
                } else if (!order.isEmpty()) {
                    TextSink sink = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
                    WordXml.text(part, sink);
                    texts.put(order, sink);
                }
                part.transferTo(java.io.OutputStream.nullOutputStream());
            }
        } catch (XMLStreamException e) {
            throw new IOException(e);
        } catch (ZipException e) {
            if (!String.valueOf(e.getMessage()).contains("encrypted")) throw e;
            throw DocumentReader.problem(
                            Code.SL4002, name, "is encrypted. Save a copy without a password and send that.")
                    .asException();
        }
        if (!texts.containsKey(BODY)) throw notWord(name, office, parts);
        return assemble(texts, properties);
    }

    private static final String BODY = "2";

    /** Sorts the parts the way a page reads; empty for a part that holds no text for a person. */
    private static String orderOf(String path) {
        if (path.equals("word/document.xml") || path.equals("word/document2.xml")) return BODY;
        if (path.matches("word/header\\d*\\.xml")) return "1" + path;
        if (path.equals("word/footnotes.xml")) return "3";
        if (path.equals("word/endnotes.xml")) return "4";
        if (path.equals("word/comments.xml")) return "5";
        if (path.matches("word/footer\\d*\\.xml")) return "6" + path;
        return "";
    }

    private static DocumentText assemble(Map<String, TextSink> texts, Map<String, String> properties)
            throws IOException {
        TextSink all = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
        for (TextSink text : texts.values()) {
            all.newLine();
            all.put(text.toString());
            if (text.truncated()) all.markTruncated();
        }
        String title = properties.getOrDefault("title", "");
        properties.remove("title");
        return new DocumentText(all.toString(), DocumentKind.DOCX.mediaType(), title, properties, all.truncated());
    }

    private static RuntimeException notWord(String name, boolean office, int parts) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!office && parts > 0 && !lower.endsWith(".docx")) {
            return DocumentKind.unsupported(name, "is a ZIP archive");
        }
        if (office && !lower.endsWith(".docx")) {
            return DocumentKind.unsupported(name, "is an Office file without a text document in it");
        }
        return DocumentReader.problem(Code.SL4003, name, "lacks the part that holds its text. Save it again as docx.")
                .asException();
    }

    private static RuntimeException expands(String name, String how) {
        return DocumentReader.problem(
                        Code.SL4004, name, how + " when it is unpacked. Save it again as docx, or split it.")
                .asException();
    }

    /** Counts what comes out of the whole archive, whichever part it belongs to. */
    private static final class Counted {
        private final String name;
        private long total;

        Counted(String name) {
            this.name = name;
        }

        /** The current part; closing it leaves the archive open. */
        InputStream of(ZipInputStream zip) {
            return new FilterInputStream(zip) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    TextSink.checkStillWanted();
                    int n = in.read(buffer, offset, length);
                    total += Math.max(0, n);
                    if (total > EXPANDED_BYTES_MAX) {
                        throw expands(name, "grows beyond " + (EXPANDED_BYTES_MAX >> 20) + " MiB");
                    }
                    return n;
                }

                @Override
                public void close() {}
            };
        }
    }
}
