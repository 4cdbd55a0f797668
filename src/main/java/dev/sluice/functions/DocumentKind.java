package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The kinds of document that are read. The bytes decide; the name and the declared type decide only among kinds of
 * text.
 */
enum DocumentKind {
    PDF("application/pdf"),
    DOCX("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    HTML("text/html"),
    MAIL("message/rfc822"),
    MARKDOWN("text/markdown"),
    CSV("text/csv"),
    TEXT("text/plain");

    private static final String READABLE = "Sluice reads pdf, docx, html, eml, md, csv and plain text.";

    /** The PDF mark may stand after some foreign bytes; readers in practice look this far. */
    private static final int PDF_MARK_WITHIN_BYTES = 1024;

    private static final int SAMPLE_BYTES_MAX = 65_536;

    /** One control character in fifty: text has next to none, random bytes have one in ten. */
    private static final int TEXT_CHARACTERS_PER_CONTROL_MIN = 50;

    /** Possessive: it would otherwise recurse for each leading space, and overflow the stack of the reading thread. */
    private static final Pattern HTML_START = Pattern.compile(
            "\\A\\uFEFF?(?:\\s++|<\\?xml[^>]*+>|<!--.*?-->)*+<(?:!doctype\\s+html|html)[\\s>]",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern MAIL_START = Pattern.compile(
            "\\A(?:received|return-path|delivered-to|from|to|date|subject|message-id|mime-version"
                    + "|x-[a-z-]+|dkim-signature):\\s.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final String mediaType;

    DocumentKind(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /**
     * @param name shown to people, its ending is a hint
     * @param declared media type that the sender gave, or empty
     * @throws ProblemException SL4001 for a kind that is not read, SL4002 for an encrypted office file, SL4003 when the
     *     name promises a pdf or docx that the bytes are not
     */
    static DocumentKind of(String name, String declared, byte[] bytes) {
        if (indexOf(bytes, "%PDF-", PDF_MARK_WITHIN_BYTES) >= 0) return PDF;
        if (TextDecoder.startsWith(bytes, 0xD0, 0xCF, 0x11, 0xE0)) throw oldOfficeFile(name, bytes);
        if (TextDecoder.startsWith(bytes, 'P', 'K', 3, 4)) return DOCX;
        String foreign = Foreign.kindOf(bytes);
        if (!foreign.isEmpty()) throw unsupported(name, "is " + foreign);
        DocumentKind promised = byName(name, declared);
        if (promised == PDF || promised == DOCX) {
            String format = promised == PDF ? "a PDF file" : "a Word file";
            throw DocumentReader.problem(
                            Code.SL4003,
                            name,
                            "is named like " + format + " but its content is not one. Save or download it again.")
                    .asException();
        }
        if (isBinary(bytes)) throw unsupported(name, "is binary data of an unknown kind");
        String start = TextDecoder.decode(java.util.Arrays.copyOf(bytes, Math.min(bytes.length, SAMPLE_BYTES_MAX)))
                .text();
        if (promised == TEXT || promised == HTML) {
            if (HTML_START
                    .matcher(start.substring(0, Math.min(4096, start.length())))
                    .find()) return HTML;
            if (isMail(start)) return MAIL;
        }
        return promised;
    }

    /** For a ZIP file that turns out to hold something else than a Word document. */
    static ProblemException unsupported(String name, String what) {
        return DocumentReader.problem(Code.SL4001, name, what + ", which cannot be read as a document. " + READABLE)
                .asException();
    }

    private static DocumentKind byName(String name, String declared) {
        String lower = name.toLowerCase(Locale.ROOT);
        String ending = lower.substring(lower.lastIndexOf('.') + 1);
        return switch (ending) {
            case "pdf" -> PDF;
            case "docx", "docm" -> DOCX;
            case "html", "htm", "xhtml" -> HTML;
            case "eml" -> MAIL;
            case "md", "markdown" -> MARKDOWN;
            case "csv", "tsv" -> CSV;
            case "txt", "text", "log" -> TEXT;
            default -> byMediaType(declared);
        };
    }

    private static DocumentKind byMediaType(String declared) {
        String plain = declared.replaceAll(";.*", "").strip().toLowerCase(Locale.ROOT);
        for (DocumentKind kind : values()) {
            if (kind.mediaType.equals(plain)) return kind;
        }
        return TEXT;
    }

    private static ProblemException oldOfficeFile(String name, byte[] bytes) {
        String encryptedPart =
                new String("EncryptedPackage".getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1);
        if (indexOf(bytes, encryptedPart, bytes.length) >= 0) {
            return DocumentReader.problem(
                            Code.SL4002, name, "is encrypted. Save a copy without a password and send that.")
                    .asException();
        }
        return DocumentReader.problem(
                        Code.SL4001,
                        name,
                        "is an Office file of the old kind (doc, xls, ppt, msg). Save it as docx or pdf and send that.")
                .asException();
    }

    /** A header block with a sender and a date, an id or a trace, and an empty line after it. */
    private static boolean isMail(String start) {
        if (!MAIL_START.matcher(start).lookingAt()) return false;
        String head = start.replace("\r\n", "\n").split("\n\n", 2)[0].toLowerCase(Locale.ROOT);
        String lines = "\n" + head;
        return lines.contains("\nfrom:")
                && (lines.contains("\ndate:") || lines.contains("\nmessage-id:") || lines.contains("\nreceived:"));
    }

    private static boolean isBinary(byte[] bytes) {
        if (TextDecoder.startsWith(bytes, 0xFE, 0xFF) || TextDecoder.startsWith(bytes, 0xFF, 0xFE)) return false;
        if (TextDecoder.wideCharset(bytes).isPresent()) return false;
        int length = Math.min(bytes.length, SAMPLE_BYTES_MAX);
        int controls = 0;
        for (int i = 0; i < length; i++) {
            int b = bytes[i] & 0xFF;
            boolean inText = b == '\t' || b == '\n' || b == '\r' || b == '\f' || b == '\b' || b == 0x1B;
            if (b < 0x20 && !inText || b == 0x7F) controls++;
        }
        return controls * TEXT_CHARACTERS_PER_CONTROL_MIN > length;
    }

    static int indexOf(byte[] bytes, String latin1, int within) {
        byte[] sought = latin1.getBytes(StandardCharsets.ISO_8859_1);
        int last = Math.min(bytes.length, within) - sought.length;
        for (int i = 0; i <= last; i++) {
            if (bytes[i] == sought[0]
                    && java.util.Arrays.equals(bytes, i, i + sought.length, sought, 0, sought.length)) {
                return i;
            }
        }
        return -1;
    }
}
