package dev.sluice.inference;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds in a document what a field asks for. Whatever is returned stands in the text, apart from its notation. */
final class Facts {
    /** 50 of a kind: more would be a table, which this does not read. */
    private static final int COUNT_MAX = 50;

    private static final Pattern EMAIL =
            Pattern.compile("[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,4}");
    private static final Pattern URL = Pattern.compile("https?://[^\\s<>\"')\\]]{3,300}[^\\s<>\"')\\].,;]");
    private static final Pattern PHONE = Pattern.compile("(?<![\\w-])(?:\\+|00|\\()\\d[\\d ()/-]{6,18}\\d(?![\\w-])");
    private static final Pattern IBAN =
            Pattern.compile("\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\\b");
    private static final Pattern VERSION =
            Pattern.compile("\\bv?(\\d{1,4}(?:\\.\\d{1,4}){1,3}(?:-[A-Za-z0-9.]{1,20})?)\\b");
    private static final Pattern CODE = Pattern.compile("#?\\b([A-Za-z]{0,8}[-/]?\\d[A-Za-z0-9/_-]{0,30})");
    /** {@code Invoice No. 4711}: what a document is numbered as, when the field does not say which number it wants. */
    private static final Pattern NUMBERED = Pattern.compile(
            "(?i)\\b(?:invoice|bill|order|contract|case|policy|receipt|rechnung|vertrag)s?[ -]?(?:number|no|nr|id|#)"
                    + "[.:#]{0,2}\\s{0,3}" + CODE.pattern());

    private static final String NAME = "(\\p{Lu}[\\p{L}.'-]{0,20}(?: \\p{Lu}[\\p{L}.'-]{0,20}){0,3})";
    private static final Pattern SIGNED = Pattern.compile(
            "(?:\\b[Bb]y |(?:[Ss]incerely|[Ff]aithfully|[Tt]ruly|[Rr]egards|Grüßen),?\\s+|Signed:? )" + NAME);
    private static final Pattern MENTIONED = Pattern.compile("(?<!Dear )\\b(?:Mr|Mrs|Ms|Dr|Prof)\\.? " + NAME);
    private static final Pattern ORGANISATION =
            Pattern.compile("((?:\\p{Lu}[\\p{L}&'-]{0,25}|&|of)(?: (?:\\p{Lu}[\\p{L}&'-]{0,25}|&|of)){0,4},? "
                    + "(?:Ltd|Limited|Inc|LLC|LLP|PLC|plc|GmbH|AG|SE|KG|Corp|Corporation|Company|"
                    + "S\\.A\\.|B\\.V\\.|Foundation|Institute|"
                    + "University|Bank|Ministry|Agency)\\b\\.?)");
    private static final List<String> TOTALS =
            List.of("total due", "amount due", "grand total", "balance due", "total");

    private final Document document;
    private final LabelledValues labelled;

    Facts(Document document) {
        this.document = document;
        this.labelled = new LabelledValues(document);
    }

    /** Candidates for a string, best first; empty when nothing was found. */
    List<String> strings(Field field) {
        return switch (field.meaning()) {
            case SUMMARY -> texts(Summary.of(document, Summary.SENTENCES));
            case POINTS -> points();
            case KEYWORDS -> Summary.keywords(document, 10);
            case EMAIL -> all(EMAIL, MatchResult::group);
            case URL -> all(URL, MatchResult::group);
            case PHONE -> all(PHONE, MatchResult::group);
            case CURRENCY -> currencies();
            case DATE -> dates(field).stream().map(LocalDate::toString).toList();
            case YEAR ->
                dates(field).stream()
                        .map(date -> String.valueOf(date.getYear()))
                        .toList();
            case AMOUNT, COUNT ->
                number(field).map(value -> List.of(value.toPlainString())).orElse(List.of());
            case LANGUAGE -> texts(language());
            case TITLE -> labelled.of(field).map(List::of).orElseGet(() -> texts(document.title()));
            case IDENTIFIER -> identifiers(field);
            case PERSON -> people(field);
            case ORGANISATION -> organisations(field);
            case CONFIDENCE, REASON, OTHER -> mentions(field);
        };
    }

    Optional<BigDecimal> number(Field field) {
        return switch (field.meaning()) {
            case AMOUNT -> amount(field);
            case YEAR, DATE -> dates(field).stream().findFirst().map(date -> BigDecimal.valueOf(date.getYear()));
            case COUNT -> labelled.of(field).flatMap(Amounts::firstNumber).or(() -> counted(field));
            case CONFIDENCE,
                    REASON,
                    SUMMARY,
                    POINTS,
                    KEYWORDS,
                    EMAIL,
                    PHONE,
                    URL,
                    CURRENCY,
                    LANGUAGE,
                    TITLE,
                    IDENTIFIER,
                    PERSON,
                    ORGANISATION,
                    OTHER -> labelled.of(field).flatMap(Amounts::firstNumber);
        };
    }

    /** Amounts and dates of the whole text, for an array of numbers. */
    List<BigDecimal> numbers() {
        return Amounts.money(document.text()).stream()
                .limit(COUNT_MAX)
                .map(Amounts.Found::value)
                .toList();
    }

    /** True when the text speaks of what the field's name says. */
    boolean holds(Field field) {
        Set<String> words = field.words().stream()
                .filter(word -> word.length() > 3
                        && !Set.of("contains", "mentions", "includes", "requires")
                                .contains(word))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (words.contains("personal") || words.contains("sensitive")) {
            return !all(EMAIL, MatchResult::group).isEmpty()
                    || !all(PHONE, MatchResult::group).isEmpty();
        }
        return !words.isEmpty()
                && words.stream().allMatch(word -> document.lower().contains(stem(word)));
    }

    Map<String, String> labelledLines() {
        return document.labelled();
    }

    private List<String> points() {
        List<String> sentences = Summary.sentences(document, 5);
        if (!sentences.isEmpty()) return sentences;
        return document.lines().stream()
                .filter(line -> line.length() > 3)
                .limit(5)
                .map(Summary::cut)
                .toList();
    }

    private List<String> all(Pattern pattern, Function<MatchResult, String> group) {
        return pattern.matcher(document.text())
                .results()
                .limit(COUNT_MAX)
                .map(group)
                .map(String::strip)
                .distinct()
                .toList();
    }

    private static List<String> texts(String text) {
        return text.isBlank() ? List.of() : List.of(text);
    }

    private List<String> currencies() {
        Map<String, Long> counts = Amounts.money(document.text()).stream()
                .collect(Collectors.groupingBy(Amounts.Found::currency, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Labelled dates first, then those that stand behind the field's qualifier, then, without a qualifier, all others.
     */
    private List<LocalDate> dates(Field field) {
        List<String> qualifiers = LabelledValues.qualifiers(field);
        Set<LocalDate> dates = new LinkedHashSet<>();
        labelled.of(field).flatMap(Dates::first).ifPresent(dates::add);
        List<Dates.Found> found = Dates.of(document.text());
        for (Dates.Found date : found) {
            String before = before(date.at());
            boolean due = before.contains("due") || before.contains("until") || before.contains("payable");
            boolean wanted = qualifiers.isEmpty() ? !due : qualifiers.stream().anyMatch(before::contains);
            if (wanted) dates.add(date.date());
        }
        if (qualifiers.isEmpty()) found.forEach(date -> dates.add(date.date()));
        return dates.stream().limit(COUNT_MAX).toList();
    }

    /** Up to 60 characters of the same line before the index. */
    private String before(int at) {
        int line = document.lower().lastIndexOf('\n', at - 1) + 1;
        return document.lower().substring(Math.max(Math.min(line, at), at - 60), at);
    }

    private Optional<BigDecimal> amount(Field field) {
        Optional<BigDecimal> value = labelled.of(field).flatMap(Amounts::firstNumber);
        List<String> qualifiers = LabelledValues.qualifiers(field);
        List<String> phrases = qualifiers.isEmpty() ? TOTALS : qualifiers;
        for (String phrase : phrases) value = value.or(() -> onLine(phrase));
        if (qualifiers.isEmpty()) {
            value = value.or(() -> Amounts.money(document.text()).stream()
                    .map(Amounts.Found::value)
                    .max(Comparator.naturalOrder()));
        }
        return field.words().contains("cents") ? value.map(amount -> amount.movePointRight(2)) : value;
    }

    /** The last amount of the last line that holds the phrase: a table has its sums on the right and at the bottom. */
    private Optional<BigDecimal> onLine(String phrase) {
        Pattern word = Pattern.compile("(?i)(?<!\\p{L})" + Pattern.quote(phrase) + "(?!\\p{L})");
        return document.lines().stream()
                .filter(line -> line.length() < 200 && word.matcher(line).find())
                .map(Amounts::money)
                .filter(money -> !money.isEmpty())
                .map(money -> money.getLast().value())
                .reduce((first, last) -> last);
    }

    private Optional<BigDecimal> counted(Field field) {
        if (field.words().contains("word") || field.words().contains("words")) {
            return Optional.of(
                    BigDecimal.valueOf(Document.words(document.text()).size()));
        }
        return Optional.empty();
    }

    private List<String> identifiers(Field field) {
        if (field.words().contains("iban")) return all(IBAN, MatchResult::group);
        if (field.words().contains("version")) return all(VERSION, match -> match.group(1));
        Optional<String> value = labelled.of(field)
                .flatMap(text -> CODE.matcher(text).results().findFirst())
                .map(m -> m.group(1));
        return value.or(() -> inline(field))
                .or(() ->
                        NUMBERED.matcher(document.text()).results().findFirst().map(match -> match.group(1)))
                .map(List::of)
                .orElse(List.of());
    }

    /** {@code invoice no. INV-42} in running text: the name's first word, a word for number, a code. */
    private Optional<String> inline(Field field) {
        if (field.words().isEmpty()) return Optional.empty();
        Pattern inline =
                Pattern.compile("(?i)(?<!\\p{L})" + Pattern.quote(field.words().getFirst())
                        + "\\s*(?:number|no\\.?|nr\\.?|id|ref(?:erence)?\\.?|code)?\\s*[:#]?\\s*" + CODE.pattern());
        return inline.matcher(document.text()).results().findFirst().map(match -> match.group(1));
    }

    private List<String> people(Field field) {
        Optional<String> value = labelled.of(field).map(text -> text.replaceAll("\\s*<[^>]*>.*$", ""));
        return Stream.of(value.stream().toList(), all(SIGNED, m -> m.group(1)), all(MENTIONED, m -> m.group(1)))
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    private List<String> organisations(Field field) {
        Optional<String> value = labelled.of(field);
        Optional<String> name = value.flatMap(
                        text -> ORGANISATION.matcher(text).results().findFirst())
                .map(match -> match.group(1))
                .or(() -> value.map(text -> text.split("[,;<(]")[0].strip()));
        boolean other = !LabelledValues.qualifiers(field).isEmpty();
        // The first organisation named is nearly always the one that wrote; who it wrote to has to be labelled or
        // second.
        List<String> named = all(ORGANISATION, match -> match.group(1));
        return Stream.concat(name.stream(), named.stream().skip(other ? 1 : 0))
                .distinct()
                .toList();
    }

    private String language() {
        Labels.Choice choice = new Labels(document).choose(List.of("en", "de", "fr", "es"));
        return choice.scores().getFirst().points() < 2 ? "" : choice.label();
    }

    /** What a label of that name holds, then sentences that hold the name's words. */
    private List<String> mentions(Field field) {
        List<String> words = field.words().stream()
                .filter(word -> word.length() > 3)
                .map(Facts::stem)
                .toList();
        Stream<String> sentences = words.isEmpty()
                ? Stream.empty()
                : document.sentences().stream()
                        .filter(sentence -> words.stream().allMatch(sentence.toLowerCase(Locale.ROOT)::contains));
        return Stream.concat(labelled.of(field).stream(), sentences)
                .distinct()
                .limit(10)
                .toList();
    }

    /** Without the ending of an English plural: {@code risks} finds risk. */
    private static String stem(String word) {
        return word.length() > 4 && word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
    }
}
