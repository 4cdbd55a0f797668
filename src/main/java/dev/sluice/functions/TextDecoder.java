package dev.sluice.functions;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mozilla.universalchardet.UniversalDetector;

/**
 * Turns bytes of unknown encoding into text. It never fails: a byte that means nothing becomes U+FFFD and is counted.
 */
final class TextDecoder {
    private TextDecoder() {}

    /**
     * 8 MiB: eight bytes for each character that is kept, more than any encoding needs; what follows would be cut
     * anyway.
     */
    static final int BYTES_MAX = 8 * DocumentReader.TEXT_CHARACTERS_MAX;

    /** {@code <meta charset=…>}, {@code content="text/html; charset=…"} and {@code <?xml encoding=…?>}. */
    private static final Pattern DECLARED =
            Pattern.compile("(?:charset|encoding)\\s*=\\s*[\"']?([A-Za-z0-9_.:-]{2,40})", Pattern.CASE_INSENSITIVE);

    private static final int DECLARATION_BYTES_MAX = 4096;

    /** 64 KiB: more text does not make the guess better. */
    private static final int GUESS_BYTES_MAX = 65_536;

    /** What most documents are that are neither UTF-8 nor say what they are. */
    private static final Charset WESTERN = supported("windows-1252").orElse(StandardCharsets.ISO_8859_1);

    /**
     * @param replaced how many malformed sequences became U+FFFD
     * @param truncated true when there were more than {@link #BYTES_MAX} bytes
     */
    record Decoded(String text, Charset charset, int replaced, boolean truncated) {
        /** {@code charset}, and {@code replacedCharacters} when there were any. */
        Map<String, String> metadata() {
            Map<String, String> metadata = new TreeMap<>();
            metadata.put("charset", charset.name());
            if (replaced > 0) metadata.put("replacedCharacters", Integer.toString(replaced));
            return metadata;
        }
    }

    /**
     * In this order: byte order mark, valid UTF-8, UTF-16 by its zeros, what the text declares, damaged UTF-8, a guess.
     */
    static Decoded decode(byte[] bytes) {
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) return decode(bytes, 3, StandardCharsets.UTF_8);
        if (startsWith(bytes, 0xFE, 0xFF)) return decode(bytes, 2, StandardCharsets.UTF_16BE);
        if (startsWith(bytes, 0xFF, 0xFE)) return decode(bytes, 2, StandardCharsets.UTF_16LE);
        Optional<Charset> wide = wideCharset(bytes);
        if (wide.isPresent()) return decode(bytes, 0, wide.get());
        Decoded utf8 = decode(bytes, 0, StandardCharsets.UTF_8);
        if (utf8.replaced() == 0) return utf8;
        Optional<Charset> declared = declaredCharset(bytes);
        if (declared.isPresent() && !declared.get().equals(StandardCharsets.UTF_8)) {
            return decode(bytes, 0, declared.get());
        }
        return isDamagedUtf8(utf8) ? utf8 : decode(bytes, 0, guessed(bytes));
    }

    /**
     * @param charset as a mail or a web page declares it; unknown, missing or plain ASCII: found out by
     *     {@link #decode(byte[])}
     */
    static Decoded decode(byte[] bytes, String charset) {
        Optional<Charset> known = supported(charset).filter(c -> !c.equals(StandardCharsets.US_ASCII));
        return known.map(c -> decode(bytes, 0, c)).orElseGet(() -> decode(bytes));
    }

    /** UTF-16 without a mark: Latin text in it has a zero in every other byte. */
    static Optional<Charset> wideCharset(byte[] bytes) {
        int length = Math.min(bytes.length, DECLARATION_BYTES_MAX) & ~1;
        if (length < 4) return Optional.empty();
        int evenZeros = 0;
        int oddZeros = 0;
        for (int i = 0; i < length; i += 2) {
            if (bytes[i] == 0) evenZeros++;
            if (bytes[i + 1] == 0) oddZeros++;
        }
        int mostly = length * 3 / 8;
        if (oddZeros >= mostly && evenZeros == 0) return Optional.of(StandardCharsets.UTF_16LE);
        if (evenZeros >= mostly && oddZeros == 0) return Optional.of(StandardCharsets.UTF_16BE);
        return Optional.empty();
    }

    static boolean startsWith(byte[] bytes, int... prefix) {
        if (bytes.length < prefix.length) return false;
        for (int i = 0; i < prefix.length; i++) {
            if ((bytes[i] & 0xFF) != prefix[i]) return false;
        }
        return true;
    }

    private static Optional<Charset> declaredCharset(byte[] bytes) {
        int length = Math.min(bytes.length, DECLARATION_BYTES_MAX);
        String start = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        if (!start.stripLeading().startsWith("<")) return Optional.empty();
        Matcher declared = DECLARED.matcher(start);
        return declared.find() ? supported(declared.group(1)) : Optional.empty();
    }

    /** By the frequencies of letters and pairs, the way browsers do; what it cannot tell is taken for Western. */
    private static Charset guessed(byte[] bytes) {
        if (!isMostlyBeyondAscii(bytes)) return WESTERN;
        UniversalDetector detector = new UniversalDetector();
        detector.handleData(bytes, 0, Math.min(bytes.length, GUESS_BYTES_MAX));
        detector.dataEnd();
        return supported(detector.getDetectedCharset())
                .filter(charset -> !charset.equals(StandardCharsets.UTF_8))
                .orElse(WESTERN);
    }

    /** Accents are sparse in Western text, whereas Cyrillic, Greek or Chinese text is nearly all beyond ASCII. */
    private static boolean isMostlyBeyondAscii(byte[] bytes) {
        int beyond = 0;
        int letters = 0;
        for (int i = 0; i < Math.min(bytes.length, GUESS_BYTES_MAX); i++) {
            if (bytes[i] < 0) beyond++;
            else if (Character.isLetter(bytes[i])) letters++;
        }
        return beyond > letters / 2;
    }

    private static Optional<Charset> supported(String name) {
        if (name == null || name.isBlank()) return Optional.empty();
        try {
            return Optional.of(Charset.forName(name.strip().toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    /**
     * Mostly well-formed multi-byte characters: UTF-8 with some bytes lost, rather than a text in a one-byte encoding.
     */
    private static boolean isDamagedUtf8(Decoded utf8) {
        long multiByte =
                utf8.text().chars().filter(c -> c > 0x7F && c != 0xFFFD).count();
        return multiByte >= utf8.replaced();
    }

    private static Decoded decode(byte[] bytes, int offset, Charset charset) {
        int length = Math.min(bytes.length - offset, BYTES_MAX);
        boolean truncated = offset + length < bytes.length;
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharsetDecoder decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer out = CharBuffer.allocate((int) Math.ceil(length * (double) decoder.maxCharsPerByte()) + 16);
        int replaced = 0;
        // Ends because every round consumes at least one byte; a sequence that the cut splits is left out.
        for (var result = decoder.decode(in, out, !truncated);
                result.isError();
                result = decoder.decode(in, out, !truncated)) {
            in.position(in.position() + Math.min(Math.max(1, result.length()), in.remaining()));
            out.put('\uFFFD');
            replaced++;
        }
        // Only what was decoded to its end may be flushed; what was cut at the limit was not.
        if (!truncated) decoder.flush(out);
        return new Decoded(out.flip().toString(), charset, replaced, truncated);
    }
}
