package dev.sluice.functions;

import dev.sluice.workflow.Code;
import java.io.IOException;
import java.util.Calendar;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.contentstream.operator.Operator;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDDocumentInformation;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.pdmodel.font.FontMappers;
import org.apache.pdfbox.text.PDFTextStripper;

/** Text of a PDF by PDFBox. Images are not looked at: a scanned page has no text. */
final class PdfReader {
    /** Kept, because a logger that nobody holds forgets its level. */
    private final Logger quiet = Logger.getLogger("org.apache.pdfbox");

    private final Logger quietFonts = Logger.getLogger("org.apache.fontbox");

    /**
     * Not a static initializer: a native image runs those while it is built, where PDFBox must not start.
     *
     * <p>PDFBox tells every oddity of a damaged document with a stack trace. The document's problem says enough, and
     * nobody shall fill the log by uploading rubbish.
     */
    PdfReader() {
        FontMappers.set(new OneFont());
        quiet.setLevel(Level.OFF);
        quietFonts.setLevel(Level.OFF);
    }

    DocumentText read(String name, byte[] bytes) throws IOException {
        PdfExpansion.check(name, bytes);
        try (PDDocument document = Loader.loadPDF(bytes)) {
            TextSink sink = new TextSink(DocumentReader.TEXT_CHARACTERS_MAX);
            new Stripper(sink).writeText(document, sink);
            PDDocumentInformation about = document.getDocumentInformation();
            return new DocumentText(
                    sink.toString().replace('\0', ' '),
                    DocumentKind.PDF.mediaType(),
                    plain(about.getTitle()),
                    metadata(document, about),
                    sink.truncated());
        } catch (InvalidPasswordException e) {
            throw DocumentReader.problem(
                            Code.SL4002, name, "opens only with a password. Save a copy without one and send that.")
                    .asException();
        }
    }

    private static Map<String, String> metadata(PDDocument document, PDDocumentInformation about) {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("pages", Integer.toString(document.getNumberOfPages()));
        metadata.put("author", plain(about.getAuthor()));
        metadata.put("subject", plain(about.getSubject()));
        metadata.put("keywords", plain(about.getKeywords()));
        metadata.put("creator", plain(about.getCreator()));
        metadata.put("created", date(about.getCreationDate()));
        metadata.put("modified", date(about.getModificationDate()));
        metadata.values().removeIf(String::isEmpty);
        return metadata;
    }

    private static String plain(String value) {
        return value == null ? "" : value.replaceAll("\\p{Cntrl}+", " ").strip();
    }

    private static String date(Calendar value) {
        return value == null ? "" : value.toInstant().toString();
    }

    /** Stops at the next drawing operation when nobody waits any more, and at the next page when the text is full. */
    private static final class Stripper extends PDFTextStripper {
        private final TextSink sink;

        Stripper(TextSink sink) {
            this.sink = sink;
            setLineSeparator("\n");
            setPageEnd("\n");
        }

        @Override
        public void processPage(PDPage page) throws IOException {
            TextSink.checkStillWanted();
            if (sink.isFull()) {
                sink.markTruncated();
                return;
            }
            super.processPage(page);
        }

        @Override
        protected void processOperator(Operator operator, List<COSBase> operands) throws IOException {
            TextSink.checkStillWanted();
            super.processOperator(operator, operands);
        }
    }
}
