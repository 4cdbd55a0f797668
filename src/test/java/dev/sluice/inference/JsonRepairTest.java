package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first rung: what models say around and inside of JSON. */
class JsonRepairTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode json(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    /** @param written with ¶ for a line break */
    private static void reads(String written, String expected) throws JsonProcessingException {
        String text = written.replace('¶', '\n');
        assertThat(JsonRepair.value(text)).as(text).contains(json(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "true",
                "-1.50e3",
                "\"text\"",
                "\"a { b\"",
                " {\"a\":[1,{\"b\":null}]} \n",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"```json\\n{}\\n```\",\"b\":\"<think>x</think>\",\"c\":\"// no\"}",
                "{\"a\":\"\\ud83d\\ude00 \\u00e9 \\/ \\\\ \\\"\"}",
                "12345678901234567890123",
            })
    void validJsonStaysAsItIs(String text) throws JsonProcessingException {
        reads(text, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "```json\n{\"a\":1}\n```",
                "```\n{\"a\":1}```",
                "~~~JSON\r\n{\"a\":1}\r\n~~~",
                "```json\n{\"a\":1}",
                "Here is [the] {result} of step [1]:\n```json\n{\"a\":1}\n```\nI hope {it} helps.",
                "The answer is {\"a\":1}, as [far] as I know.",
                "{\"a\":1} is the answer.",
                "{\"a\":1}}",
                "\ufeff{\"a\":1}",
                "<think>{\"b\": 2} or {\"a\": 3}?</think>\n{\"a\":1}",
                "The user wants {\"b\": 2}.</think>{\"a\":1}",
                "<reasoning>{</reasoning>```json\n{\"a\":1}\n```",
            })
    void whatIsAroundTheValueIsLeftOut(String text) throws JsonProcessingException {
        reads(text, "{\"a\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // trailing and missing commas
                "{\"a\": [1, 2,], \"b\": 3,} | {\"a\":[1,2],\"b\":3}",
                "{\"a\": 1 \"b\": 2} | {\"a\":1,\"b\":2}",
                "[{\"a\": 1} {\"a\": 2}] | [{\"a\":1},{\"a\":2}]",
                // single quotes, as Python prints a dict
                "{'a': 'x', 'b': [True, False, None]} | {\"a\":\"x\",\"b\":[true,false,null]}",
                "{'a': 'it's \"so\"'} | {\"a\":\"it's \\\"so\\\"\"}",
                "{'a': 'it\\'s', 'b': '\\xe9'} | {\"a\":\"it's\",\"b\":\"é\"}",
                "{'a': \"it's\"} | {\"a\":\"it's\"}",
                // names without quotes, literals of JavaScript
                "{a: 1, $b_c-d: undefined, e: NaN} | {\"a\":1,\"$b_c-d\":null,\"e\":null}",
                // comments
                "{\"a\": 1, // one¶ \"b\": /* two */ 2 # three¶} | {\"a\":1,\"b\":2}",
                "{\"a\": \"http://x\"} // done | {\"a\":\"http://x\"}",
                // what may not stand in a string
                "{\"a\": \"line 1¶\tline 2\u0001\"} | {\"a\":\"line 1\\n\\tline 2\\u0001\"}",
                "{\"a\": \"C:\\Data\\x\", \"b\": \"\\d+\"} | {\"a\":\"C:\\\\Data\\\\x\",\"b\":\"\\\\d+\"}",
                // brackets that were forgotten
                "{\"a\": [1, 2} | {\"a\":[1,2]}",
                "{\"a\": [{\"b\": 1], \"c\": 2} | {\"a\":[{\"b\":1}],\"c\":2}",
            })
    void whatCanBeMeantInOneWayOnlyIsCorrected(String text, String expected) throws JsonProcessingException {
        reads(text, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"a\": {\"b\": [1, \"two | {\"a\":{\"b\":[1,\"two\"]}}",
                "{\"a\": 1, \"b\": [ | {\"a\":1}",
                "{\"a\": 1, \"b\": {\"c\": [{ | {\"a\":1}",
                "{\"a\": 1, \"b | {\"a\":1}",
                "{\"a\": 1, \"b\": | {\"a\":1}",
                "{\"a\": 1, b | {\"a\":1}",
                "{\"a\": \"x\", \"b\": 12 | {\"a\":\"x\"}",
                "{\"a\": \"x\", \"b\": -1.5e | {\"a\":\"x\"}",
                "{\"a\": \"x\", \"b\": tru | {\"a\":\"x\"}",
                "{\"a\": \"x\", \"b\": true | {\"a\":\"x\",\"b\":true}",
                "{\"a\": \"x\\ | {\"a\":\"x\"}",
                "{\"a\": \"x\\u00 | {\"a\":\"x\"}",
                "{\"a\": 1, // and | {\"a\":1}",
                "```json¶{\"a\": [\"x\", \"y¶``` | {\"a\":[\"x\",\"y\\n\"]}",
                "```json¶{\"a\": 1, \"b\": [2¶```¶That is all. | {\"a\":1,\"b\":[2]}",
            })
    void aTextThatWasCutOffKeepsWhatIsCertain(String text, String expected) throws JsonProcessingException {
        reads(text, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"{\\\"a\\\": \\\"x\\\\ny\\\"}\" | {\"a\":\"x\\ny\"}",
                "{\\\"a\\\": \\\"x\\\"} | {\"a\":\"x\"}",
                "{\\n  \\\"a\\\": [1, 2],\\n  \\\"b\\\": 2} | {\"a\":[1,2],\"b\":2}",
                "```¶\"[{\\\"a\\\": [1]}]\"¶``` | [{\"a\":[1]}]",
                "\"{\\\"a\\\": [1, 2], \\\"b\\\": \\\"x | {\"a\":[1,2],\"b\":\"x\"}",
                "\"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\" | \"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\"",
            })
    void jsonInAStringIsTakenOutOfIt(String text, String expected) throws JsonProcessingException {
        reads(text, expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "I cannot say.",
                "[see below] {name} (sic)",
                "{",
                "{\"a\": ",
                "{\"items\": [",
                "<think>{\"a\": 1}",
                // Two meanings: which quote is one too many, what is between the commas?
                "{\"a\": \"x \"y\", z\", \"b\": {\"c\": 1}}",
                "{\"a\": \"x, \"b\": {\"c\": 1}}",
                "{\"a\": [1,, 2]}",
                "[\"a\" \"b\"]",
                "{\"a\": 1,000}",
                "{\"a\": ..., \"b\": {\"c\": 1}}",
                "{\"a\": 1]",
                "{\"a\" 1}",
                "{\"a\": 0x1f}",
                "{\"a\": yes}",
            })
    void whatCouldBeMeantInTwoWaysIsRefused(String text) {
        assertThat(JsonRepair.value(text)).as(text).isEmpty();
    }

    @Test
    void ofSeveralValuesTheOneThatIsAcceptedIsTakenElseTheLongestThatIsWhole() throws JsonProcessingException {
        String text = "From {\"a\": 1} follows {\"b\": 22}, thus {\"c\": [1, 2, 3, 4, 5";
        assertThat(JsonRepair.value(text)).contains(json("{\"b\":22}"));
        assertThat(JsonRepair.value(text, value -> value.has("a"))).contains(json("{\"a\":1}"));
        assertThat(JsonRepair.value(text, value -> value.has("c"))).contains(json("{\"c\":[1,2,3,4]}"));
        assertThat(JsonRepair.value(text, value -> false)).contains(json("{\"b\":22}"));
        assertThat(JsonRepair.value("\"[1]\"", JsonNode::isTextual)).contains(json("\"[1]\""));
    }

    @Test
    void depthAndLengthAreBounded() {
        assertThat(JsonRepair.value("[".repeat(200) + "1" + "]".repeat(200))).isPresent();
        assertThat(JsonRepair.value("[".repeat(201) + "1" + "]".repeat(201))).isEmpty();
        assertThat(JsonRepair.value("[".repeat(1_000_000))).isEmpty();
        assertThat(JsonRepair.value("{\"a\":".repeat(100_000))).isEmpty();
        assertThat(JsonRepair.value("[1," + " \n//\n".repeat(100_000) + "2,]")).isPresent();
        assertThat(JsonRepair.value("[\"" + "x".repeat(1 << 20))).isEmpty();
    }
}
