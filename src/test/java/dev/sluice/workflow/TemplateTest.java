package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static final Scopes SCOPES = Scopes.at(Trial.T0);

    private static JsonNode evaluate(String expression, String input) {
        return Template.ofExpression(expression, "/x").evaluate(SCOPES, json(input));
    }

    @Test
    void theDollarBracesAreOptionalWhereTheDslTakesOnlyAnExpression() {
        assertThat(evaluate(".a", "{a: 1}"))
                .isEqualTo(evaluate("${ .a }", "{a: 1}"))
                .isEqualTo(json("1"));
    }

    @Test
    void aTextWithoutDollarBracesIsAText() {
        var template = Template.of(json("{a: '.b', c: [1, null, true]}"), "/x", false);
        assertThat(template).isInstanceOf(Template.Constant.class);
    }

    @Test
    void whatIsNoJqIsRefusedAndNamed() {
        assertThatThrownBy(() -> Template.of(json("{'a/b': ['${ .[ }']}"), "/do/0/x/with", false))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("SL3001")
                .hasMessageContaining("/do/0/x/with/a~1b/0: '.[' is not a jq expression");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "$ENV", "env.PATH", "$ENV.PATH", "[env, $ENV] | tostring"})
    void expressionsCannotReadTheEnvironment(String expression) {
        String read;
        try {
            read = evaluate(expression, "{}").toString();
        } catch (ProblemException refused) {
            read = refused.getMessage();
        }
        assertThat(read).doesNotContain(System.getenv("PATH"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"include \"a\"; .", "import \"a\" as a; .", "import \"a\" as $a; $a", "input", "inputs", "halt"})
    void expressionsCannotReachFilesOrEndTheProcess(String expression) {
        assertThatThrownBy(() -> evaluate(expression, "{}")).isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1, 2", "range(1e15)", "recurse(.)"})
    void anExpressionThatGivesMoreThanOneValueFailsAtTheSecond(String expression) {
        assertThatThrownBy(() -> evaluate(expression, "{}")).hasMessageContaining("several values");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "def f: 1 + f; f",
                "error(\"x\")",
                ".a.b",
                "1 / 0",
                "\"x\" | test(\"(\")",
                "\"x\" | tonumber",
                "[1] | implode",
                "{} | keys | first | ascii_downcase",
                "1 % 0",
                "\"x\" * -1 | length",
                "\"9\" * 1e10",
                "[.[]] | first.a.b | strptime(\"%Q\")",
                "splits(1)",
                "ltrimstr(1) | fromjson"
            })
    void anExpressionThatFailsSaysWhichAndWhere(String expression) {
        JsonNode value = null;
        try {
            value = evaluate(expression, "{a: 1}");
        } catch (ProblemException e) {
            assertThat(e.problem().code()).isEqualTo("SL3003");
            assertThat(e.problem().detail()).startsWith("/x: '");
        }
        if (value != null) assertThat(value.isValueNode()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "''", "[]", "{}", "'false'", "true"})
    void everythingButFalseAndNullIsTrue(String value) {
        assertThat(Template.ofExpression(".", "/x").test(SCOPES, json(value))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "null"})
    void falseAndNullAreFalse(String value) {
        assertThat(Template.ofExpression(".", "/x").test(SCOPES, json(value))).isFalse();
    }
}
