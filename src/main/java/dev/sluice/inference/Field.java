package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a property of the answer asks for, told by its name.
 *
 * @param words of its name, in lower case: {@code invoiceNumber} → invoice, number
 * @param meaning what to look for
 */
record Field(List<String> words, Meaning meaning) {
    /** Kinds of things that can be found in a text. The first one that shares a word with the name is meant. */
    enum Meaning {
        CONFIDENCE("confidence", "score", "probability", "certainty", "likelihood"),
        REASON("reason", "reasons", "reasoning", "rationale", "explanation", "why", "justification"),
        SUMMARY("summary", "abstract", "overview", "tldr", "gist", "synopsis", "description", "digest"),
        POINTS("points", "point", "highlights", "takeaways", "bullets", "findings", "facts", "sentences", "statements"),
        KEYWORDS("keywords", "keyword", "tags", "tag", "topics", "topic", "terms", "themes", "entities"),
        EMAIL("email", "emails", "mail"),
        PHONE("phone", "telephone", "tel", "mobile", "fax"),
        URL("url", "urls", "link", "links", "website", "homepage", "uri"),
        CURRENCY("currency", "currencies"),
        DATE("date", "dates", "day", "deadline", "expiry", "expires", "issued", "until", "since", "birthday", "dob"),
        YEAR("year", "years"),
        AMOUNT(
                "amount",
                "amounts",
                "total",
                "price",
                "prices",
                "sum",
                "cost",
                "costs",
                "subtotal",
                "tax",
                "vat",
                "fee",
                "balance",
                "net",
                "gross",
                "cents",
                "salary",
                "payment"),
        LANGUAGE("language", "lang", "locale"),
        TITLE("title", "heading", "headline", "subject"),
        IDENTIFIER("number", "id", "identifier", "reference", "ref", "no", "nr", "code", "iban", "serial", "version"),
        COUNT("count", "pages", "quantity", "length"),
        PERSON(
                "author",
                "authors",
                "sender",
                "person",
                "people",
                "signatory",
                "signatories",
                "contact",
                "writer",
                "signer"),
        ORGANISATION(
                "organisation",
                "organization",
                "organisations",
                "organizations",
                "company",
                "companies",
                "seller",
                "supplier",
                "vendor",
                "issuer",
                "customer",
                "buyer",
                "client",
                "recipient",
                "publisher",
                "institution",
                "party",
                "parties",
                "employer",
                "licensor"),
        OTHER;

        private final Set<String> names;

        Meaning(String... names) {
            this.names = Set.of(names);
        }
    }

    /** Names that say nothing by themselves: the property above says what is meant. */
    private static final Set<String> EMPTY_NAMES = Set.of(
            "value", "text", "quote", "evidence", "raw", "answer", "result", "content", "name", "item", "normalized");

    /** Of the whole answer. */
    static final Field ROOT = new Field(List.of(), Meaning.SUMMARY);

    /** The field that a property below this one asks for; its title counts where its name says nothing. */
    Field property(String name, JsonNode schema) {
        List<String> own = words(name);
        if (own.stream().allMatch(EMPTY_NAMES::contains) && !words.isEmpty()) return this;
        Meaning meaning = meaning(own);
        if (meaning == Meaning.OTHER)
            meaning = meaning(words(schema.path("title").asText("")));
        if (meaning == Meaning.OTHER) meaning = byFormat(schema.path("format").asText(""));
        return new Field(own, meaning);
    }

    private static Meaning byFormat(String format) {
        return switch (format) {
            case "date", "date-time" -> Meaning.DATE;
            case "email" -> Meaning.EMAIL;
            case "uri" -> Meaning.URL;
            default -> Meaning.OTHER;
        };
    }

    private static Meaning meaning(List<String> words) {
        // The last word of a name is its noun: "total amount currency" is a currency, "due date" a date.
        for (int i = words.size() - 1; i >= 0; i--) {
            for (Meaning meaning : Meaning.values()) if (meaning.names.contains(words.get(i))) return meaning;
        }
        return Meaning.OTHER;
    }

    /** True when the answer may be shortened to fit: prose, as opposed to something that is right or wrong. */
    boolean isProse() {
        return switch (meaning) {
            case REASON, SUMMARY, POINTS, TITLE, OTHER -> true;
            case CONFIDENCE,
                    KEYWORDS,
                    EMAIL,
                    PHONE,
                    URL,
                    CURRENCY,
                    DATE,
                    YEAR,
                    AMOUNT,
                    LANGUAGE,
                    IDENTIFIER,
                    COUNT,
                    PERSON,
                    ORGANISATION -> false;
        };
    }

    /** Splits camel case, snake case, kebab case and prose into words in lower case. */
    static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        String spaced = name.replaceAll("(\\p{Ll}|\\d)(\\p{Lu})", "$1 $2").replaceAll("[^\\p{L}\\p{Nd}]+", " ");
        for (String word : spaced.strip().toLowerCase(Locale.ROOT).split(" ")) if (!word.isEmpty()) words.add(word);
        return List.copyOf(words);
    }
}
