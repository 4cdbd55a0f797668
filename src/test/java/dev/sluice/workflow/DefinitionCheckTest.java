package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an author reads: every problem, each once, by line, column and pointer. */
class DefinitionCheckTest {
    private static final String NAME = "a name of 1 to 63 letters, digits and '-', with a letter or digit at both ends";

    private static final DefinitionReader READER = new DefinitionReader();

    private static String check(String source) {
        return READER.check(source).stream().map(Finding::toString).collect(Collectors.joining("\n"));
    }

    private static void assertFinds(String source, String expected) {
        assertThat(check(source)).as(source).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { call: f, wiht: { a: 1 } }      | 2:23: /do/0/x/wiht: 'wiht' is not a member here; did you mean 'with'?
            { cal: f }                       | 2:14: /do/0/x/cal: 'cal' is not a member here; did you mean 'call'?
            { with: { a: 1 } }               | 2:9: /do/0/x: has no kind: one of call, do, emit, for, fork, listen, raise, run, set, switch, try, wait is needed
            {}                               | 2:9: /do/0/x: has no kind: one of call, do, emit, for, fork, listen, raise, run, set, switch, try, wait is needed
            { call: f, set: { a: 1 } }       | 2:9: /do/0/x: has several kinds, call and set; a task has one
            text                             | 2:9: /do/0/x: 'text' is not a task, which is an object
            { call: 5 }                      | 2:14: /do/0/x/call: 5 is not a text
            { call: http }                   | 2:9: /do/0/x/with: is missing
            { call: http, with: { method: get, endpoint: a } } | 2:47: /do/0/x/with/endpoint: 'a' is not a URI such as https://example.com/items or an expression ${ … }
            { call: http, with: { method: get, endpoint: 'http://a', output: text } } | 2:69: /do/0/x/with/output: 'text' is not one of raw, content, response
            { set: {} }                      | 2:14: /do/0/x/set: must not be empty
            { set: [] }                      | 2:14: /do/0/x/set: a list is not an object or a text
            { wait: 5 minutes }              | 2:14: /do/0/x/wait: '5 minutes' is not an ISO 8601 duration such as PT5M or an expression ${ … }
            { wait: 5 }                      | 2:14: /do/0/x/wait: 5 is not an object such as { minutes: 5 }, an ISO 8601 duration such as PT5M or an expression ${ … }
            { wait: { secs: 5 } }            | 2:22: /do/0/x/wait/secs: 'secs' is not a member here; there are days, hours, milliseconds, minutes, seconds
            { wait: { seconds: x } }         | 2:22: /do/0/x/wait/seconds: 'x' is not a whole number
            { try: [ { y: { set: { a: 1 } } } ] } | 2:9: /do/0/x/catch: is missing
            { switch: [ { c: { when: .a } } ] }   | 2:26: /do/0/x/switch/0/c/then: is missing
            { for: { each: a }, do: [] }     | 2:14: /do/0/x/for/in: is missing
            { fork: { branches: { a: { set: { b: 1 } } } } } | 2:22: /do/0/x/fork/branches: an object is not a list of tasks
            { listen: { to: { on: {} } } }   | 2:30: /do/0/x/listen/to/on: 'on' is not a member here; did you mean 'one'?
            { listen: { to: {} } }           | 2:24: /do/0/x/listen/to: needs one of all, any, one
            { listen: { to: { any: [], all: [] } } } | 2:24: /do/0/x/listen/to: has all and any, of which only one may be there
            { raise: { error: { type: a, status: 1 } } } | 2:32: /do/0/x/raise/error/type: 'a' is not a URI such as https://example.com/items or an expression ${ … }
            { run: { contaner: { image: a } } } | 2:21: /do/0/x/run/contaner: 'contaner' is not a member here; did you mean 'container'?
            { set: { a: 1 }, timeout: { afer: PT5M } } | 2:40: /do/0/x/timeout/afer: 'afer' is not a member here; did you mean 'after'?
            { set: { a: 1 }, input: { schema: { document: {}, resource: { endpoint: 'http://a' } } } } | 2:38: /do/0/x/input/schema: has document and resource, of which only one may be there
            { do: [ { y: { sat: 1 } }, { z: { wait: x } } ] } | 2:27: /do/0/x/do/0/y/sat: 'sat' is not a member here; did you mean 'set'?\\n2:46: /do/0/x/do/1/z/wait: 'x' is not an ISO 8601 duration such as PT5M or an expression ${ … }
            { 'a/b': 1, call: f }            | 2:14: /do/0/x/a~1b: 'a/b' is not a member here; there are export, if, input, metadata, output, then, timeout, with
            """)
    void aStepsMistakeIsNamedOnceWhereItStands(String step, String expected) {
        assertFinds(Trial.document("do: [ { x: " + step + " } ]"), places(expected));
    }

    private static String places(String expected) {
        return expected.replace("\\n", "\n")
                .replace("NAME", NAME)
                .replaceAll("(?m)^(\\d+):(\\d+): ", "line $1, column $2: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            dsl: 1.0                  | 2:3: /document/dsl: 1.0 is not a version of the DSL as text, such as '1.0.1'
            dsl: '1.1.0'              | 2:3: /document/dsl: version 1.1.0 of the DSL is not supported; 1.0.x is
            name: a b                 | 4:3: /document/name: 'a b' is not NAME
            version: '1'              | 5:3: /document/version: '1' is not a semantic version as text, such as '1.0.0'
            version: 1                | 5:3: /document/version: 1 is not a semantic version as text, such as '1.0.0'
            titel: x                  | 6:3: /document/titel: 'titel' is not a member here; did you mean 'title'?
            namespace:                | 3:3: /document/namespace: null is not NAME
            """)
    void aMistakeOfTheHeadIsNamed(String line, String expected) {
        String head = "document:\n  dsl: '1.0.1'\n  namespace: n\n  name: a\n  version: '1.0.0'\n";
        String name = line.substring(0, line.indexOf(':') + 1);
        String changed =
                head.contains(name) ? head.replaceAll("(?m)^  " + name + ".*", "  " + line) : head + "  " + line + "\n";
        assertFinds(changed + "do: [ { x: { set: { a: 1 } } } ]\n", places(expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            scheduel: { cron: x }                     | 3:1: /scheduel: 'scheduel' is not a member here; did you mean 'schedule'?
            evaluate: { language: js }                | 3:13: /evaluate/language: 'js' is not supported as a language; jq is
            evaluate: { mode: lax }                   | 3:13: /evaluate/mode: 'lax' is not one of strict, loose
            evaluate: { lang: jq }                    | 3:13: /evaluate/lang: 'lang' is not a member here; there are language, mode
            timeout: []                               | 3:1: /timeout: a list is not an object or a text
            schedule: { every: x }                    | 3:13: /schedule/every: 'x' is not an ISO 8601 duration such as PT5M or an expression ${ … }
            """)
    void aMistakeOfTheWorkflowIsNamed(String member, String expected) {
        assertFinds(Trial.document("do: [ { x: { set: { a: 1 } } } ]\n" + member), places(expected));
    }

    @ParameterizedTest
    @CsvSource({"1.0.0", "1.0.1", "1.0.3", "1.0.0-alpha5", "1.0.7"})
    void everyVersion10OfTheDslIsTaken(String version) {
        String source = Trial.document("do: [ { x: { set: { a: 1 } } } ]").replace("1.0.1", version);
        assertThat(READER.check(source)).isEmpty();
    }

    @Test
    void whatIsMissingAtTheTopIsAllNamed() {
        assertFinds("{}", "line 1, column 1: /do: is missing\nline 1, column 1: /document: is missing");
    }

    @Test
    void aVersionThatWouldExhaustTheStackIsRefused() {
        String version = "1.0.0-" + "a-.".repeat(100_000) + "!";
        assertThat(check(Trial.document("do: []").replace("1.0.0", version)))
                .startsWith("line 1, column 57: /document/version: '1.0.0-a-.")
                .endsWith("…' is not a semantic version as text, such as '1.0.0'");
    }

    @Test
    void aNameBesideItsContentIsAWrongIndentation() {
        assertFinds(
                Trial.document("do:\n  - x:\n    call: f\n"),
                "line 3, column 5: /do/0: has the members x, call; an item of this list has one, its name, and all else is"
                        + " indented under it");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { run: { container: { image: a, stdin: x } } }             | /do/0/x/run/container/stdin
            { run: { container: { image: a, arguments: [ x ] } } }     | /do/0/x/run/container/arguments
            { run: { container: { image: a, pullPolicy: always } } }   | /do/0/x/run/container/pullPolicy
            { run: { shell: { command: ls, stdin: x } } }              | /do/0/x/run/shell/stdin
            { call: mcp, with: { method: 'tools/call' } }              | /do/0/x/call
            """)
    void whatANewerDslHasIsUnsupportedAndNotInvalid(String step, String pointer) {
        var refused = catchThrowableOfType(
                ProblemException.class, () -> READER.read(Trial.document("do: [ { x: " + step + " } ]")));
        assertThat(refused.problem().code()).isEqualTo("SL3002");
        assertThat(refused.findings())
                .allMatch(Finding::unsupported)
                .anyMatch(f -> f.pointer().equals(pointer));
    }

    @Test
    void mistakesOfTheTextAndOfTheSchemaAreNamedTogether() {
        assertFinds(Trial.document("do: [ { x: { call: f, call: g, wiht: *a } } ]"), """
                line 2, column 23: /do/0/x/call: 'call' stands here twice
                line 2, column 32: /do/0/x/wiht: 'wiht' is not a member here; did you mean 'with'?
                line 2, column 38: /do/0/x/wiht: the alias *a has no anchor &a that ends before it""");
    }

    @Test
    void mistakesThatTheCompilerFindsHaveTheirPlaceAsWell() {
        assertFinds(
                Trial.document("do: [ { x: { call: a b } } ]"),
                "line 2, column 14: /do/0/x/call: 'a b' must be 1 to 100 letters, digits, '.', '_' or '-', a letter or"
                        + " digit first");
    }

    @Test
    void aWorkflowWithAliasesRunsAsIfTheyWereWrittenOut() {
        var definition = Trial.read(
                "do: [ { a: &a { call: f, with: { v: &v [ 1 ] } } }, { b: *a }, { c: { set: { w: *v } } } ]");
        assertThat(definition.functions()).containsExactly("f");
        assertThat(definition.nodes()).containsKeys("/do/0/a", "/do/1/b", "/do/2/c");
        assertThat(definition.document().at("/do/2/c/set/w/0").asInt()).isEqualTo(1);
    }

    @Test
    void theExceptionHasTheSameFindingsAndADetailWithOneALine() {
        String source = Trial.document("do: [ { x: { st: 1 } }, { y: { cal: f } } ]");
        var refused = catchThrowableOfType(ProblemException.class, () -> READER.read(source));
        assertThat(refused.findings()).isEqualTo(READER.check(source)).hasSize(2);
        assertThat(refused.problem().detail().lines().toList())
                .isEqualTo(refused.findings().stream().map(Finding::toString).toList());
    }

    @Test
    void aThousandFindingsAreListedAndTheRestCounted() {
        List<Finding> all = READER.check(Trial.document("do: [" + "{ x: 1 },".repeat(1_500) + "]"));
        assertThat(all).hasSize(1_001);
        assertThat(all.getLast().message()).isEqualTo("and 500 more");
    }
}
