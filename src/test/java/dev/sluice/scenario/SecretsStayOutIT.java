package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keys of endpoints are in nothing that Sluice says, shows or keeps, also when an endpoint repeats them in its errors
 * and headers, as some do.
 */
class SecretsStayOutIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So much of a key is a secret: the beginning of {@code sk-proj-} is none. */
    private static final int PIECE = 10;

    /** By endpoint, keys of the shapes that there are. */
    private static final Map<String, String> KEYS = Map.of(
            "openai", "sk-proj-Zq3vT8mWx1RkLp6Yd0HsBn7CfJ4uEaGo9tQiXyVz2wM",
            "anthropic", "sk-ant-api03-kPz7_QwErTy-UiOpAsDf9GhJkL0xCvBnM",
            "google", "AIzaSyD4qLw8eRtYuIoP1aSdFgHjK2lZxCvBnM9q",
            "hexadecimal", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
            "base64", "Zm9vYmFyYmF6cXV4Kw/+dGhpc2lzYWtleQ==",
            "token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            "odd", "correct.horse$battery^staple[0]{1}(d)|+?");

    private static final Map<String, String> PIECES = pieces();

    /** What an endpoint does; each has one with each key. */
    private enum Trouble {
        NONE,
        ROUTE,
        KEY,
        ERROR,
        FORBIDDEN,
        REQUEST,
        LIMIT,
        BROKEN,
        CLOSED,
        AWAY,
        RUN;

        String at(String key) {
            return name().toLowerCase(Locale.ROOT) + "-" + key;
        }
    }

    /** What may be asked of the running program, by anybody. */
    private static final List<String> WINDOWS = List.of(
            "/index.html",
            "/ui/run.js",
            "/ui/app.js",
            "/v1",
            "/v1/runs",
            "/v1/results.jsonl",
            "/v1/dead-letters",
            "/v1/costs",
            "/v1/costs?by=day,tenant,workflow,endpoint,model",
            "/v1/workflows",
            "/v1/workflows/document-analysis",
            "/v1/schedules",
            "/v1/approvals",
            "/v1/invariant",
            "/v1/errors",
            "/openai/v1/models",
            "/q/health",
            "/q/metrics");

    /** The program's log and data stay after a failure. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory;

    /** Everything that was answered, headers included, by what was asked. */
    private static final Map<String, String> SAID = new LinkedHashMap<>();

    private static Simulator model;
    private static Sluice sluice;

    @BeforeAll
    static void start() throws IOException {
        model = Simulator.start(Options.of("instant=true", "echo=true", "key=none-of-them"));
        var options = new ArrayList<>(List.of(
                "-Dsluice.inference.model=" + Trouble.RUN.at("openai"),
                // Nobody is to wait until an endpoint is well again.
                "-Dsluice.inference.patience=100ms",
                // Each is tried, and refuses its key.
                "-Dsluice.inference.routes.all.endpoints="
                        + KEYS.keySet().stream().map(Trouble.ROUTE::at).collect(Collectors.joining(",")),
                "-Dquarkus.log.category.\"dev.sluice\".level=DEBUG"));
        // Ill endpoints are left alone: each trouble has endpoints of its own.
        for (Trouble trouble : Trouble.values()) {
            String url = trouble == Trouble.AWAY ? "http://127.0.0.1:1/v1" : model.url();
            KEYS.forEach((name, key) -> options.addAll(endpoint(trouble.at(name), url, key)));
        }
        sluice = Sluice.start(directory, options.toArray(String[]::new));
    }

    private static List<String> endpoint(String name, String url, String key) {
        String endpoint = "-Dsluice.inference.endpoints." + name + ".";
        return List.of(
                endpoint + "url=" + url,
                endpoint + "key=" + key,
                endpoint + "model=simulated",
                endpoint + "input-price=1",
                endpoint + "output-price=1");
    }

    @AfterAll
    static void end() throws IOException {
        sluice.close();
        model.close();
    }

    @Test
    void nothingThatIsSaidShownOrKeptHasAKeyInIt() throws Exception {
        askForErrors();
        var heard = new StringBuffer();
        BufferedReader feed = sluice.feed();
        Thread.startVirtualThread(() -> listen(feed, heard));
        List<String> runs = failRuns();
        await().atMost(PATIENCE).until(() -> heard.toString().split("answered 401", -1).length > KEYS.size());
        for (String window : WINDOWS) hear("GET " + window, sluice.get(window));
        for (String run : runs) {
            for (String view : List.of("", "/history", "/calls")) {
                hear("GET run" + view, sluice.get("/v1/runs/" + run + view));
            }
        }
        // Ends the feed, too; its own end would wait for its next line.
        sluice.close();
        SAID.put("feed", heard.toString());
        SAID.put("log", Files.readString(sluice.log()));
        var found = new TreeSet<String>();
        SAID.forEach((what, text) -> search(what, text.getBytes(StandardCharsets.UTF_8), found));
        for (Path file : files(directory.resolve("data"))) search(file.toString(), Files.readAllBytes(file), found);
        assertThat(found).isEmpty();
        assertThatTheSearchWouldFind();
    }

    private static void hear(String what, Sluice.Answer answer) {
        SAID.merge(what, answer.headers() + "\n" + answer.text(), (before, more) -> before + "\n" + more);
    }

    private static void hear(String what, String text) {
        SAID.merge(what, text, (before, more) -> before + "\n" + more);
    }

    /** Every error that the simulator knows, in every way in which it can be asked for. */
    private static void askForErrors() {
        KEYS.forEach((name, key) -> {
            model.control("key=" + key);
            assertThat(ask(Trouble.NONE.at(name), "nothing", false))
                    .as("the key of %s arrives", name)
                    .isEqualTo(200);
        });
        model.control("key=none-of-them");
        ask("all", Trouble.ROUTE.name(), false);
        askAll(Trouble.KEY);
        model.control("key=", "retry-after-time=1", "error-rate=1", "error-status=500");
        askAll(Trouble.ERROR);
        model.control("error-status=403");
        askAll(Trouble.FORBIDDEN);
        model.control("error-status=400");
        askAll(Trouble.REQUEST);
        model.control("error-rate=0", "limit-rate=1");
        askAll(Trouble.LIMIT);
        model.control("limit-rate=0", "cut-rate=1", "cut=event");
        askAll(Trouble.BROKEN);
        model.control("cut=close");
        askAll(Trouble.CLOSED);
        model.control("cut-rate=0", "key=none-of-them");
        askAll(Trouble.AWAY);
    }

    private static void askAll(Trouble trouble) {
        for (String name : KEYS.keySet()) {
            ask(trouble.at(name), trouble.name(), false);
            ask(trouble.at(name), trouble.name(), true);
            String body = "{\"model\":\"" + trouble.at(name) + "\",\"input\":\"one\"}";
            hear(trouble.name(), sluice.post("/openai/v1/embeddings", "application/json", body));
        }
    }

    private static int ask(String alias, String why, boolean stream) {
        ObjectNode question =
                JsonNodeFactory.instance.objectNode().put("model", alias).put("stream", stream);
        question.putArray("messages").addObject().put("role", "user").put("content", "Hello, " + why);
        var answer = sluice.post("/openai/v1/chat/completions", "application/json", question.toString());
        hear(why, answer);
        return answer.status();
    }

    /** One for each endpoint. */
    private static List<String> failRuns() {
        var runs = new ArrayList<String>();
        for (String name : KEYS.keySet()) {
            String step =
                    "{ call: classify, with: { name: a.txt, text: 'A letter.', model: " + Trouble.RUN.at(name) + " } }";
            String source = "document: { dsl: '1.0.1', namespace: test, name: w-" + name + ", version: '1.0.0' }\n"
                    + "do: [ { x: " + step + " } ]\n";
            hear("deploy", sluice.post("/v1/workflows", "application/yaml", source));
            var begun = sluice.post("/v1/workflows/w-" + name + "/runs", "application/json", "{}");
            hear("start", begun);
            runs.add(begun.body().path("id").asText());
        }
        for (String run : runs) {
            JsonNode ended = sluice.awaitEnd(run, PATIENCE);
            assertThat(ended.path("status").asText()).isEqualTo("failed");
            assertThat(ended.toString()).contains("answered 401");
        }
        await().atMost(PATIENCE)
                .until(() -> sluice.get("/v1/dead-letters").text().contains("w-odd"));
        return runs;
    }

    /** Until the server closes it. */
    private static void listen(BufferedReader feed, StringBuffer heard) {
        try {
            for (String line = feed.readLine(); line != null; line = feed.readLine())
                heard.append(line).append('\n');
        } catch (IOException closed) {
            heard.append(closed);
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Pieces of keys, plain and as they look in base 64 and in an address. */
    private static Map<String, String> pieces() {
        var pieces = new HashMap<String, String>();
        KEYS.forEach((name, key) -> {
            for (String form : List.of(key, encoded(key), URLEncoder.encode(key, StandardCharsets.UTF_8))) {
                for (int from = 0; from + PIECE <= form.length(); from++) {
                    pieces.put(form.substring(from, from + PIECE), name);
                }
            }
        });
        return pieces;
    }

    private static void search(String where, byte[] bytes, Set<String> found) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int at = 0; at + PIECE <= text.length(); at++) {
            String name = PIECES.get(text.substring(at, at + PIECE));
            if (name != null) found.add(where + ": " + name + " at " + around(text, at));
        }
    }

    private static String encoded(String key) {
        return Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String around(String text, int at) {
        return text.substring(Math.max(0, at - 60), Math.min(text.length(), at + 40))
                .replaceAll("\\s+", " ");
    }

    /** The errors did repeat the header, and came through. */
    private static void assertThatTheSearchWouldFind() {
        for (Trouble trouble : List.of(Trouble.KEY, Trouble.ERROR, Trouble.FORBIDDEN, Trouble.REQUEST, Trouble.LIMIT)) {
            assertThat(SAID.get(trouble.name()).split("You sent Authorization: ", -1))
                    .as(trouble + " with every key")
                    .hasSizeGreaterThan(KEYS.size());
        }
        assertThat(SAID.get(Trouble.BROKEN.name())).contains("event-stream");
        var found = new TreeSet<String>();
        KEYS.values().forEach(key -> search("itself", ("Bearer " + key).getBytes(StandardCharsets.UTF_8), found));
        assertThat(found.stream().map(each -> each.split(" ")[1]).distinct()).hasSameSizeAs(KEYS.keySet());
        assertThat(model.billing().refused()).containsKeys(400, 401, 403, 429, 500);
    }
}
