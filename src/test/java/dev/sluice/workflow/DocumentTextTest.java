package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentTextTest {
    private static String findings(String source) {
        return DocumentText.read(source).findings().stream()
                .map(Finding::toString)
                .collect(Collectors.joining("\n"));
    }

    private static String place(String source, String pointer) {
        var place = DocumentText.read(source).places().of(pointer);
        return place.line() + ":" + place.column();
    }

    @ParameterizedTest
    @CsvSource({
        "'', 1:1",
        "/a, 1:1",
        "/b, 2:1",
        "/b/0, 3:5",
        "/b/0/c, 3:5",
        "/b/0/d~1e, 4:5",
        "/b/1, 5:5",
        "/b/1/0, 5:6",
        "/b/1/1, 5:9",
        "/f, 6:1",
        "/f/g, 6:6"
    })
    void inYamlAMemberStandsWhereItsKeyDoesAndAnItemWhereItBegins(String pointer, String expected) {
        String source = "a: 1\nb:\n  - c: 2\n    d/e: 3\n  - [4, 5]\nf: { g: 6 }\n";
        assertThat(place(source, pointer)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'', 1:1", "/a, 2:3", "/b, 3:3", "/b/0, 3:10", "/b/1, 3:13", "/b/1/c, 3:15"})
    void inJsonAsWell(String pointer, String expected) {
        assertThat(place("{\n  \"a\": 1,\n  \"b\": [ 2, { \"c\": 3 } ]\n}", pointer))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/b/0/none", "/b/0/none/deeper", "/b/0"})
    void whatDoesNotExistStandsWhereTheNearestThatWouldHoldItDoes(String pointer) {
        assertThat(place("a: 1\nb:\n  - c: 2\n", pointer)).isEqualTo("3:5");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1}                                | {"a":1}
            a: [1, 2.5, 12345678901, true, ~, x]   | {"a":[1,2.5,12345678901,true,null,"x"]}
            a: '1'                                 | {"a":"1"}
            {a: 1}                                 | {"a":1}
            a: &x { n: [1] }\\nb: *x\\nc: [*x]     | {"a":{"n":[1]},"b":{"n":[1]},"c":[{"n":[1]}]}
            a: &x 1\\nb: &x 2\\nc: *x              | {"a":1,"b":2,"c":2}
            a: "😀"\\nb: !!str &x c\\nc: [&y 'd', *y, *x] | {"a":"😀","b":"c","c":["d","d","c"]}
            '<<': 1                                | {"<<":1}
            """)
    void theTreeIsThatOfJson(String source, String json) {
        var text = DocumentText.read(source.replace("\\n", "\n"));
        assertThat(text.findings()).isEmpty();
        assertThat(text.tree()).hasToString(json);
    }

    @Test
    void jsonMayBeIndentedWithTabsAndBeginWithAByteOrderMark() {
        assertThat(findings("\uFEFF{\n\t\"a\": [\n\t\t1\n\t]\n}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a: [b\\nc: d                | line 2, column 2: while parsing a flow sequence; expected ',' or ']'
            a: 1\\n\\tb: 1              | line 2, column 1: while scanning for the next token; found
            a: 1\\n b: 2                | line 2, column 3: mapping values are not allowed here
            ? [x]\\n: 1                 | line 1, column 4: a member's name must be a text
            {"a": 1 "b": 2}             | line 1, column 9: Unexpected character ('"'
            {a: 1, b: ]}                | line 1, column 11: while parsing a flow node
            a: 1\\na: 2\\n              | line 2, column 1: /a: 'a' stands here twice
            {"b": {"a": 1, "a": 2}}     | line 1, column 16: /b/a: 'a' stands here twice
            a: *x                       | line 1, column 4: /a: the alias *x has no anchor &x that ends before it
            a: &x [*x]                  | line 1, column 8: /a/0: the alias *x has no anchor &x that ends before it
            a: &x {b: 1}\\n<<: *x       | line 2, column 1: /<<: merge keys are not part of YAML 1.2
            a: !!binary aGk=            | line 1, column 4: /a: binary data are not part of JSON
            a: 1e999                    | line 1, column 4: /a: '1e999' is no JSON number
            a: 1\\n---\\nb: 1           | line 3, column 1: a file holds one document
            [1]                         | line 1, column 1: the document is not a YAML or JSON object
            """)
    void whatIsWrongWithTheTextIsNamedByItsPlace(String source, String expected) {
        assertThat(findings(source.replace("\\n", "\n").replace("\\t", "\t")))
                .startsWith(expected)
                .doesNotContain("\n");
    }

    @Test
    void aNameThatStandsTwiceDoesNotHideWhatComesAfterIt() {
        assertThat(findings("a: 1\na: 2\nb: *x\n").lines()).hasSize(2);
    }

    @Test
    void aBombOfAliasesIsRefused() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String alias = "*a" + (i - 1) + ", ";
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, alias.repeat(10)));
        }
        assertThat(findings(bomb.toString())).contains("stand for more than " + DocumentText.ALIASED_MAX + " values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":", "{a: ", "["})
    void aDocumentThatIsNestedTooDeeplyIsRefused(String opening) {
        assertThat(findings(opening.repeat(100_000)))
                .contains("more than " + DocumentText.NESTING_MAX + " levels deep");
    }
}
