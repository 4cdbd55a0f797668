package dev.sluice.inference;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds numbers and amounts of money, in English and in continental notation. */
final class Amounts {
    /** @param currency ISO 4217, or "" for a bare number */
    record Found(BigDecimal value, String currency, int at) {}

    /** 500 amounts are more than any field asks for. */
    private static final int COUNT_MAX = 500;

    private static final String CODE =
            "EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|SGD|HKD|KRW|TRY|ZAR";
    private static final String SIGN = "[€$£¥₹]";
    private static final String NUMBER = "\\d{1,3}(?:[.,'\u202f]\\d{3})+(?:[.,]\\d{1,2})?|\\d{1,12}(?:[.,]\\d{1,4})?";
    private static final Pattern MONEY =
            Pattern.compile("(?:\\b(" + CODE + ")|(" + SIGN + "))\\s?(" + NUMBER + ")(?![\\d])" + "|(?<![\\d.,-])("
                    + NUMBER + ")\\s?(?:(" + CODE + ")\\b|(" + SIGN + ")|(euros?|dollars?|pounds?)\\b)");
    private static final Pattern BARE = Pattern.compile("(?<![\\p{L}\\d.,-])-?(" + NUMBER + ")(?![\\d\\p{L}-])");
    private static final Map<String, String> CODES = Map.of(
            "€", "EUR", "$", "USD", "£", "GBP", "¥", "JPY", "₹", "INR", "euro", "EUR", "dollar", "USD", "pound", "GBP");

    private Amounts() {}

    /** Amounts with a currency, in the order of the text. */
    static List<Found> money(String text) {
        List<Found> found = new ArrayList<>();
        Matcher money = MONEY.matcher(text);
        while (money.find() && found.size() < COUNT_MAX) {
            String number = money.group(3) != null ? money.group(3) : money.group(4);
            found.add(new Found(parse(number), currency(money), money.start()));
        }
        return found;
    }

    /** The first number of the text, with or without a currency. */
    static Optional<BigDecimal> firstNumber(String text) {
        Matcher bare = BARE.matcher(text);
        List<Found> money = money(text);
        if (!money.isEmpty()) return Optional.of(money.getFirst().value());
        if (!bare.find()) return Optional.empty();
        BigDecimal value = parse(bare.group(1));
        return Optional.of(bare.group().startsWith("-") ? value.negate() : value);
    }

    private static String currency(Matcher money) {
        for (int group : new int[] {1, 2, 5, 6, 7}) {
            String name = money.group(group);
            if (name == null) continue;
            String singular = name.toLowerCase(Locale.ROOT).replaceAll("s$", "");
            return CODES.getOrDefault(singular, name);
        }
        return "";
    }

    /**
     * The last of {@code .} and {@code ,} separates decimals, unless three digits follow it or it stands there twice.
     */
    static BigDecimal parse(String number) {
        String digits = number.replaceAll("['\u202f]", "");
        int last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
        if (last < 0) return new BigDecimal(digits);
        char separator = digits.charAt(last);
        boolean both = digits.indexOf('.') >= 0 && digits.indexOf(',') >= 0;
        boolean repeated = digits.indexOf(separator) != last;
        boolean groups = digits.length() - last - 1 == 3 && !both && last <= 3 && !digits.startsWith("0");
        if (repeated || groups) return new BigDecimal(digits.replaceAll("[.,]", ""));
        return new BigDecimal(digits.substring(0, last).replaceAll("[.,]", "") + "." + digits.substring(last + 1));
    }
}
