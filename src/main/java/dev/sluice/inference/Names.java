package dev.sluice.inference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts several names into one, with {@code |} between, so that no two lists of names make the same. */
final class Names {
    private Names() {}

    /** {@code %} and {@code |} within a name are percent-encoded. */
    static String join(String... names) {
        return Stream.of(names)
                .map(name -> name.replace("%", "%25").replace("|", "%7C"))
                .collect(Collectors.joining("|"));
    }

    static List<String> split(String joined) {
        return Arrays.stream(joined.split("\\|", -1))
                .map(name -> name.replace("%7C", "|").replace("%25", "%"))
                .toList();
    }
}
