package dev.sluice.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results for people: a row for each document, the reasons of failures, a total. */
final class ResultTable {
    private static final List<String> HEAD = List.of("FILE", "STATUS", "LABEL", "SUMMARY", "TOKENS", "COST");
    private static final int SUMMARY = 3;

    /** 30 characters of a file's or a label's name, so that one long name does not push the rest off the line. */
    private static final int NAME_MAX = 30;

    /** 20 characters at least, even if the terminal has to wrap. */
    private static final int SUMMARY_MIN = 20;

    private ResultTable() {}

    /** @param width of the terminal in characters */
    static void print(Documents documents, int width, PrintWriter out) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        documents.results().forEach(r -> rows.add(row(r)));
        int[] widths = widths(rows, width);
        rows.forEach(r -> out.println(line(r, widths)));
        failures(documents, out);
        out.printf(
                Locale.ROOT,
                "%n%d of %d documents in %.1f s, %,d documents/hour, %s%n",
                documents.succeeded(),
                documents.results().size(),
                documents.seconds(),
                documents.perHour(),
                dollars(documents.usage("costMicros")));
    }

    private static List<String> row(DocumentResult r) {
        long tokens = r.usage("inputTokens") + r.usage("outputTokens");
        return List.of(
                cut(clean(r.name()), NAME_MAX),
                clean(r.status()),
                cut(clean(r.output("label")), NAME_MAX),
                clean(r.output("summary")),
                tokens == 0 ? "-" : Long.toString(tokens),
                r.run() == null ? "-" : dollars(r.usage("costMicros")));
    }

    private static int[] widths(List<List<String>> rows, int width) {
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int others = 2 * (widths.length - 1);
        for (int i = 0; i < widths.length; i++) others += i == SUMMARY ? 0 : widths[i];
        widths[SUMMARY] = Math.min(widths[SUMMARY], Math.max(SUMMARY_MIN, width - others));
        return widths;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cut(row.get(i), widths[i]);
            String pad = " ".repeat(widths[i] - cell.length());
            boolean number = i > SUMMARY;
            line.append(number ? pad + cell : cell + pad).append("  ");
        }
        return line.toString().stripTrailing();
    }

    private static void failures(Documents documents, PrintWriter out) {
        List<DocumentResult> failed =
                documents.results().stream().filter(r -> !r.succeeded()).toList();
        if (!failed.isEmpty()) out.println();
        for (DocumentResult r : failed) {
            String run = r.id().isEmpty() ? "" : " (run " + r.id() + ")";
            String why = r.reason().isEmpty() ? "not finished, " + r.status() : clean(r.reason());
            out.println(clean(r.name()) + run + ": " + why);
        }
    }

    /** Micro-dollars as dollars, with six decimals below one cent and four above. */
    static String dollars(long micros) {
        return micros == 0 ? "$0" : String.format(Locale.ROOT, micros < 10_000 ? "$%.6f" : "$%.4f", micros / 1e6);
    }

    /** Documents and models are not trusted: what could move the cursor or colour the terminal becomes a space. */
    static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, Math.max(0, max - 1)) + "…";
    }
}
