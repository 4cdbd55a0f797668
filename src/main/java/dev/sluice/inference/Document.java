package dev.sluice.inference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text that {@link OfflineModel} reads, taken apart once.
 *
 * @param name as given in the prompt, or ""
 * @param text what stands between the document's marks; else the whole user message
 * @param instructions everything else that was said
 * @param lower the text in lower case, same length, for searches
 * @param lines stripped, not empty
 * @param sentences in the order of the text
 */
record Document(
        String name, String text, String instructions, String lower, List<String> lines, List<String> sentences) {
    /** 200,000 characters, about a hundred pages: what is longer is read up to there, so that time stays bounded. */
    private static final int CHARACTERS_MAX = 200_000;

    private static final Pattern OPEN =
            Pattern.compile("^<document(?:\\s+name=\"([^\"\n]*)\")?[^>\n]*>[ \t]*\r?$", Pattern.MULTILINE);
    private static final Pattern CLOSE = Pattern.compile("^</document>[ \t]*\r?$", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{Nd}]+");

    /** A line such as {@code Invoice number: INV-42}. */
    private static final Pattern LABELLED =
            Pattern.compile("^[-*#>|\\s]{0,4}(\\p{L}[\\p{L}\\p{Nd} ./()'&#-]{0,40}?)\\**\\s?[:=|]\\**\\s*(\\S.*)$");

    /** Documents that stand in the prompt are read one after the other; the first one's name counts. */
    static Document of(String prompt, String system) {
        StringBuilder inside = new StringBuilder();
        StringBuilder outside = new StringBuilder(system);
        String name = "";
        int at = 0;
        Matcher open = OPEN.matcher(prompt);
        Matcher close = CLOSE.matcher(prompt);
        while (open.find(at)) {
            if (inside.isEmpty() && open.group(1) != null) name = open.group(1);
            outside.append(prompt, at, open.start());
            boolean closed = close.find(open.end());
            inside.append(prompt, open.end(), closed ? close.start() : prompt.length());
            at = closed ? close.end() : prompt.length();
        }
        if (inside.isEmpty()) return read(name, prompt, system);
        return read(
                name, inside.toString(), outside.append(prompt.substring(at)).toString());
    }

    private static Document read(String name, String text, String instructions) {
        String bounded = text.length() <= CHARACTERS_MAX ? text : text.substring(0, CHARACTERS_MAX);
        String clean = bounded.replace('\u00a0', ' ')
                .replace("\r\n", "\n")
                .replace('\r', '\n')
                .strip();
        List<String> lines =
                clean.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        return new Document(name, clean, instructions, lowered(clean), lines, Sentences.of(clean));
    }

    /** Lower case character by character, so that indexes stay the same. */
    private static String lowered(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) lower.append(Character.toLowerCase(text.charAt(i)));
        return lower.toString();
    }

    /** Words in lower case, in order. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (word.find()) words.add(word.group());
        return words;
    }

    /**
     * What the document itself labels, in order: label in lower case → rest of the line. The first of equal labels
     * counts.
     */
    Map<String, String> labelled() {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String line : lines) {
            // 300: a longer line is prose in which a colon happens to stand.
            if (line.length() > 300) continue;
            Matcher pair = LABELLED.matcher(line);
            if (!pair.find() || pair.group(2).startsWith("//")) continue;
            pairs.putIfAbsent(
                    pair.group(1).strip().toLowerCase(Locale.ROOT),
                    pair.group(2).strip());
        }
        return pairs;
    }

    /** The first line that looks like a heading, else the first line; "" when there is no text. */
    String title() {
        return lines.stream()
                .limit(5)
                .map(line -> line.replaceAll("^[#*=\\s]+|[#*=\\s]+$", ""))
                .filter(line -> line.length() > 2 && line.length() < 120 && !line.contains(": "))
                .findFirst()
                .orElse(lines.isEmpty() ? "" : lines.getFirst());
    }

    /** How often the phrase stands in the text as whole words, counted up to {@code countMax}. */
    int count(String phrase, int countMax) {
        int count = 0;
        int at = lower.indexOf(phrase);
        while (at >= 0 && count < countMax) {
            if (isBoundary(phrase, at)) count++;
            at = lower.indexOf(phrase, at + phrase.length());
        }
        return count;
    }

    private boolean isBoundary(String phrase, int at) {
        int end = at + phrase.length();
        boolean starts = at == 0 || !bothLetters(lower.charAt(at - 1), phrase.charAt(0));
        return starts && (end == lower.length() || !bothLetters(phrase.charAt(phrase.length() - 1), lower.charAt(end)));
    }

    private static boolean bothLetters(char left, char right) {
        return Character.isLetterOrDigit(left) && Character.isLetterOrDigit(right);
    }
}
