package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of styles in the OpenAPI 3 specification, with its own values. */
class ParameterStyleTest {
    private static final String ARRAY = "['blue', 'black']";
    private static final String OBJECT = "{'R': 100, 'G': 200}";

    private static ParameterStyle style(String in, String style, boolean explode) {
        return ParameterStyle.of(
                json("{'in': '%s', 'style': '%s', 'explode': %s}".formatted(in, style, explode)), false);
    }

    @ParameterizedTest
    @CsvSource({
        "simple, false, blue, 'blue,black', 'R,100,G,200'",
        "simple, true, blue, 'blue,black', 'R=100,G=200'",
        "label, false, .blue, '.blue,black', '.R,100,G,200'",
        "label, true, .blue, .blue.black, .R=100.G=200",
        "matrix, false, ;color=blue, ';color=blue,black', ';color=R,100,G,200'",
        "matrix, true, ;color=blue, ;color=blue;color=black, ;R=100;G=200",
    })
    void aPathIsWrittenInItsStyle(String style, boolean explode, String text, String array, String object) {
        ParameterStyle path = style("path", style, explode);
        assertThat(path.inPath("color", json("'blue'"))).isEqualTo(text);
        assertThat(path.inPath("color", json(ARRAY))).isEqualTo(array);
        assertThat(path.inPath("color", json(OBJECT))).isEqualTo(object);
    }

    @ParameterizedTest
    @CsvSource({
        "form, true, color=blue, color=blue&color=black, R=100&G=200",
        "form, false, color=blue, 'color=blue,black', 'color=R,100,G,200'",
        "spaceDelimited, false, color=blue, color=blue%20black, color=R%20100%20G%20200",
        "pipeDelimited, false, color=blue, color=blue%7Cblack, color=R%7C100%7CG%7C200",
        "deepObject, true, color=blue, color=blue&color=black, color%5BR%5D=100&color%5BG%5D=200",
    })
    void aQueryIsWrittenInItsStyle(String style, boolean explode, String text, String array, String object) {
        ParameterStyle query = style("query", style, explode);
        assertThat(String.join("&", query.inQuery("color", json("'blue'")))).isEqualTo(text);
        assertThat(String.join("&", query.inQuery("color", json(ARRAY)))).isEqualTo(array);
        assertThat(String.join("&", query.inQuery("color", json(OBJECT)))).isEqualTo(object);
    }

    @ParameterizedTest
    @CsvSource({"csv, 'a=1,2'", "ssv, a=1%202", "tsv, a=1%092", "pipes, a=1%7C2", "multi, a=1&a=2", ", 'a=1,2'"})
    void anArrayOfSwagger2IsWrittenInItsFormat(String format, String written) {
        var parameter =
                json("{'in': 'query', 'collectionFormat': %s}".formatted(format == null ? null : "'" + format + "'"));
        ParameterStyle style = ParameterStyle.of(parameter, true);
        assertThat(String.join("&", style.inQuery("a", json("[1, 2]")))).isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({"query, a=%7B%22b%22%3A1%7D", "path, %7B%22b%22%3A1%7D"})
    void aParameterWithContentIsWrittenAsJson(String in, String written) {
        var parameter = json("{'in': '%s', 'content': {'application/json': {}}}".formatted(in));
        ParameterStyle style = ParameterStyle.of(parameter, false);
        String found = in.equals("path")
                ? style.inPath("a", json("{'b': 1}"))
                : style.inQuery("a", json("{'b': 1}")).getFirst();
        assertThat(found).isEqualTo(written);
    }
}
