package dev.sluice.functions;

import dev.sluice.workflow.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.InflaterInputStream;

/**
 * Refuses a PDF whose compressed streams expand beyond all measure, before PDFBox opens it: PDFBox unpacks a stream
 * into memory as a whole and has no limit of its own.
 */
final class PdfExpansion {
    private PdfExpansion() {}

    /** 256 MiB: an uncompressed colour scan of a large page is 240 MB. */
    static final long STREAM_BYTES_MAX = 256L << 20;

    /** 1 GiB for all streams that are not images; images are never unpacked by the text reader. */
    static final long DOCUMENT_BYTES_MAX = 1L << 30;

    /** A stream may be compressed again; three times already makes a bomb of any size from a few kilobytes. */
    private static final int LAYERS_MAX = 3;

    private static final int DICTIONARY_BYTES_MAX = 1024;

    static void check(String name, byte[] pdf) throws IOException {
        long total = 0;
        for (int at = next(pdf, 0); at >= 0; at = next(pdf, at)) {
            TextSink.checkStillWanted();
            long expanded = expandedBytes(pdf, at);
            if (!isImage(pdf, at)) total += expanded;
            if (expanded > STREAM_BYTES_MAX || total > DOCUMENT_BYTES_MAX) {
                throw DocumentReader.problem(
                                Code.SL4004,
                                name,
                                "unpacks to more than " + (Math.max(expanded, total) >> 20)
                                        + " MiB. Export it again, or split it.")
                        .asException();
            }
        }
    }

    /** Where the data of the next zlib stream begins, or -1. */
    private static int next(byte[] pdf, int from) {
        for (int i = from; i < pdf.length - 10; i++) {
            if (pdf[i] != 's' || pdf[i + 1] != 't' || pdf[i + 2] != 'r' || pdf[i + 5] != 'm') continue;
            int data = i + 6;
            if (pdf[data] == '\r') data++;
            if (pdf[data] == '\n') data++;
            if (data > i + 6 && startsZlib(pdf[data], pdf[data + 1])) return data;
        }
        return -1;
    }

    private static boolean startsZlib(int first, int second) {
        return (first & 0x0F) == 8 && (((first & 0xFF) << 8) | (second & 0xFF)) % 31 == 0;
    }

    private static boolean isImage(byte[] pdf, int data) {
        int start = Math.max(0, data - DICTIONARY_BYTES_MAX);
        String before = new String(pdf, start, data - start, StandardCharsets.ISO_8859_1);
        return before.substring(before.lastIndexOf("obj") + 1).contains("/Image");
    }

    private static long expandedBytes(byte[] pdf, int data) throws IOException {
        long largest = 0;
        for (int layers = 1; layers <= LAYERS_MAX; layers++) {
            long bytes = 0;
            boolean another = false;
            byte[] buffer = new byte[65_536];
            try (InputStream in = inflated(pdf, data, layers)) {
                for (int n = in.readNBytes(buffer, 0, 2); n > 0 && bytes <= STREAM_BYTES_MAX; n = in.read(buffer)) {
                    if (bytes == 0) another = n == 2 && startsZlib(buffer[0], buffer[1]);
                    bytes += n;
                    TextSink.checkStillWanted();
                }
            } catch (java.util.zip.ZipException | java.io.EOFException damaged) {
                // What could be unpacked counts; whether the damage matters is for the reader to say.
            }
            largest = Math.max(largest, bytes);
            if (!another || largest > STREAM_BYTES_MAX) break;
        }
        return largest;
    }

    private static InputStream inflated(byte[] pdf, int data, int layers) {
        InputStream in = new ByteArrayInputStream(pdf, data, pdf.length - data);
        for (int i = 0; i < layers; i++) in = new InflaterInputStream(in);
        return in;
    }
}
