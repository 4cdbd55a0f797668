package dev.sluice.inference;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a document labels itself: finds the line {@code Invoice No.: 42} for the field {@code invoiceNumber}. */
final class LabelledValues {
    /** Words that stand for the same thing on forms. */
    private static final List<Set<String>> SAME = List.of(
            Set.of("number", "no", "nr", "id", "identifier", "reference", "ref", "code"),
            Set.of("seller", "from", "supplier", "vendor", "issuer", "sender", "company"),
            Set.of("customer", "to", "buyer", "client", "recipient"),
            Set.of("author", "by", "from", "writer", "sender", "signer"),
            Set.of("due", "deadline", "payable"),
            Set.of("date", "dated", "day", "issued", "on"),
            Set.of("amount", "total", "sum", "balance", "gross"),
            Set.of("vat", "tax", "mwst"),
            Set.of("subject", "title", "re"),
            Set.of("organisation", "organization", "company", "employer"),
            Set.of("expiry", "expires", "end", "until", "valid"));

    /** Words that may not be missing on the label: a due date is not just a date. */
    private static final Set<String> QUALIFIERS = Set.of(
            "due",
            "expiry",
            "expires",
            "end",
            "start",
            "effective",
            "birth",
            "signed",
            "delivery",
            "net",
            "tax",
            "vat",
            "subtotal",
            "unit",
            "customer",
            "buyer",
            "client",
            "recipient",
            "order",
            "purchase",
            "shipping",
            "discount");

    private final Map<List<String>, String> values = new LinkedHashMap<>();

    LabelledValues(Document document) {
        document.labelled().forEach((label, value) -> values.putIfAbsent(Field.words(label), value));
    }

    /** The value whose label says best what the field's name says. */
    Optional<String> of(Field field) {
        return values.entrySet().stream()
                .filter(entry -> score(field.words(), entry.getKey()) > 0)
                .max(Comparator.comparingDouble(entry -> score(field.words(), entry.getKey())))
                .map(Map.Entry::getValue);
    }

    /** Words of the field's name without which a thing found would be another thing. */
    static List<String> qualifiers(Field field) {
        return field.words().stream().filter(QUALIFIERS::contains).toList();
    }

    /** 0 when the label means something else, up to 1 when it says the same. */
    private static double score(List<String> wanted, List<String> label) {
        if (wanted.isEmpty() || label.isEmpty()) return 0;
        long hits = wanted.stream().filter(word -> has(label, word)).count();
        long extra = label.stream().filter(word -> !has(wanted, word)).count();
        boolean qualified = wanted.stream().filter(QUALIFIERS::contains).allMatch(word -> has(label, word));
        boolean whole = hits == wanted.size();
        boolean noun = has(label, wanted.getLast()) && extra == 0;
        if (!qualified || hits == 0 || !(whole || noun)) return 0;
        return Math.max(0.01, (double) hits / wanted.size() - 0.1 * extra);
    }

    private static boolean has(List<String> words, String wanted) {
        return words.stream().anyMatch(word -> same(word, wanted));
    }

    static boolean same(String left, String right) {
        if (left.equals(right) || left.equals(right + "s") || right.equals(left + "s")) return true;
        return SAME.stream().anyMatch(group -> group.contains(left) && group.contains(right));
    }
}
