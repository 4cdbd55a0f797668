package dev.sluice.faults;

import static dev.sluice.faults.RawFunction.breakingOffAfter;
import static dev.sluice.faults.RawFunction.fallingSilentAfter;
import static dev.sluice.faults.RawFunction.http;
import static dev.sluice.faults.RawFunction.saying;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.faults.RawFunction.Misdeed;
import dev.sluice.redis.RedisSetup;
import dev.sluice.scenario.Sluice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One server in a small heap, and a function for everything that a function can get wrong: each run's history says what
 * it was, and the server is as before afterwards.
 */
class MisfitsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String HEAD = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = HEAD + "transfer-encoding: chunked\r\n\r\n";

    /** @param attempts of two: one when it is final */
    private record Misfit(Misdeed misdeed, String code, int attempts, String says) {}

    @TempDir
    Path directory;

    private final Map<String, RawFunction> functions = new LinkedHashMap<>();
    private final Set<String> done = ConcurrentHashMap.newKeySet();
    private final List<String> accepted = new ArrayList<>();
    private final RedisSetup redis = RedisSetup.standalone("no");
    private Sluice server;

    private static Map<String, Misfit> misfits() {
        var all = new LinkedHashMap<String, Misfit>();
        String head = HEAD + "content-length: ";
        all.put("mute", new Misfit(fallingSilentAfter(""), "SL4011", 2, "within 1500 ms"));
        all.put("stalls", new Misfit(fallingSilentAfter(head + "9\r\n\r\n{"), "SL4011", 2, "within 1500 ms"));
        all.put("hangs-up", new Misfit(breakingOffAfter(""), "SL4043", 2, "after it had the request"));
        all.put("breaks-off", new Misfit(breakingOffAfter(head + "9\r\n\r\n{}"), "SL4043", 2, "after 2 bytes"));
        all.put("cuts-chunks", new Misfit(breakingOffAfter(CHUNKED + "2\r\n{}\r\n"), "SL4043", 2, "in its answer"));
        all.put("speaks-ssh", new Misfit(fallingSilentAfter("SSH-2.0-x\r\n"), "SL4042", 2, "invalid version"));
        all.put("miscounts", new Misfit(saying(head + "-1\r\n\r\n{}"), "SL4042", 2, "Content-Length"));
        all.put(
                "boasts",
                new Misfit(saying(http(200, "x: " + "h".repeat(1 << 20) + "\r\n", "1")), "SL4013", 1, "65536"));
        all.put("html", new Misfit(saying(http(200, "", "<html>")), "SL4013", 1, "not JSON"));
        all.put("latin", new Misfit(saying(http(200, "", "{\"a\":\"\u00e4\u00f6\u00fc\"}")), "SL4013", 1, "UTF-8"));
        all.put("half", new Misfit(saying(http(200, "", "{\"a\":")), "SL4013", 1, "not JSON"));
        all.put("deep", new Misfit(saying(http(200, "", "[".repeat(100_000))), "SL4013", 1, "nesting depth"));
        all.put(
                "packed",
                new Misfit(saying(http(200, "content-encoding: gzip\r\n", "\u001f\u008b")), "SL4013", 1, "gzip"));
        all.put("moved", new Misfit(saying(http(302, "location: http://x.test/y\r\n", "")), "SL4012", 1, "x.test/y"));
        all.put("refuses", new Misfit(saying(http(422, "", "no")), "SL4012", 1, "HTTP 422: no"));
        all.put("busy", new Misfit(saying(http(503, "", "later")), "SL4012", 2, "HTTP 503: later"));
        all.put("switches", new Misfit(saying("HTTP/1.1 101 Go\r\nupgrade: x\r\n\r\n"), "SL4042", 2, "status 101"));
        return all;
    }

    /** JSON that is allowed, and that a store could stumble over. */
    private static Map<String, String> odd() {
        return Map.of(
                "half-a-character", "\"\\ud800\"",
                "many-half-characters", "\"" + "\\udc00".repeat(20_000) + "\"",
                "nul", "{\"\\u0000\": \"\\u0000\"}",
                "beyond-numbers", "[1e400, -1e400, 1e-400, " + "9".repeat(400) + "]",
                "no-names", "{\"\": {\"\": 1}, \"a\": 1, \"a\": 2}");
    }

    @Test
    void whateverAFunctionGetsWrongItsRunSaysSoAndTheServerIsAsBefore() throws IOException {
        Map<String, Misfit> misfits = misfits();
        misfits.forEach((name, misfit) -> functions.put(name, new RawFunction(misfit.misdeed())));
        functions.put("floods", new RawFunction(MisfitsIT::flood));
        functions.put("dies-after-work", new RawFunction(this::workAndHangUpTheFirstTime));
        functions.put("limits", new RawFunction(this::limitTheFirstTime));
        functions.put("answers-twice", new RawFunction(this::sendTheResultAndThenAnswer));
        odd().forEach((name, json) -> functions.put(name, new RawFunction(saying(http(200, "", json)))));
        functions.put("plain", RawFunction.greeting("HTTP/1.1 400 Bad\r\n\r\n"));
        functions.put("good", new RawFunction(saying(http(200, "", "{\"ok\":true}"))));
        try (Sluice server = Sluice.start(directory, options())) {
            Map<String, String> runs = new LinkedHashMap<>();
            this.server = server;
            for (String name : names()) runs.put(name, start(server, name));
            var floods =
                    Stream.generate(() -> begin(server, "floods")).limit(15).toList();
            Calm.awaitEnds(server, accepted, PATIENCE);
            misfits.forEach(
                    (name, misfit) -> assertTold(server.run(runs.get(name)).body(), misfit));
            assertTold(server.run(runs.get("unknown")).body(), new Misfit(null, "SL4040", 2, "no-such-host.invalid"));
            assertTold(server.run(runs.get("down")).body(), new Misfit(null, "SL4010", 2, "refused"));
            assertTold(server.run(runs.get("plain")).body(), new Misfit(null, "SL4041", 2, "not an SSL/TLS record"));
            for (String flood : floods) {
                assertTold(server.run(flood).body(), new Misfit(null, "SL4013", 1, "64 MiB is the most"));
            }
            assertWorkWasDoneOnce(server.run(runs.get("dies-after-work")).body());
            assertWaited(server.run(runs.get("limits")).body());
            assertThat(server.run(runs.get("answers-twice"))
                            .body()
                            .path("output")
                            .asText())
                    .isEqualTo("sent");
            odd().keySet()
                    .forEach(name -> assertThat(server.run(runs.get(name))
                                    .body()
                                    .path("status")
                                    .asText())
                            .as(name)
                            .isEqualTo("succeeded"));
            assertThat(server.awaitEnd(begin(server, "good"), PATIENCE)
                            .path("status")
                            .asText())
                    .isEqualTo("succeeded");
            Calm.assertKept(accepted, redis.nodes().getFirst(), List.of(server));
            functions.forEach((name, function) -> assertThat(function.open.get())
                    .as("connections to " + name)
                    .isLessThanOrEqualTo(name.equals("floods") ? 0 : 2));
        } finally {
            functions.values().forEach(RawFunction::close);
            redis.close();
        }
    }

    private List<String> names() {
        return Stream.concat(functions.keySet().stream(), Stream.of("unknown", "down"))
                .toList();
    }

    private String[] options() {
        var options = new ArrayList<>(List.of(
                // Sixteen answers of 64 MiB do not fit.
                "-Xmx256m",
                "-Dsluice.dispatch.functions.unknown.url=http://no-such-host.invalid/",
                "-Dsluice.dispatch.functions.down.url=http://127.0.0.1:1/"));
        options.addAll(redis.options());
        functions.forEach((name, function) -> {
            String url = function.url().toString();
            if (name.equals("plain")) url = url.replace("http:", "https:");
            options.add("-Dsluice.dispatch.functions." + name + ".url=" + url);
        });
        for (String name : List.of("mute", "stalls")) {
            options.add("-Dsluice.dispatch.functions." + name + ".timeout=1500ms");
        }
        return options.toArray(String[]::new);
    }

    private String start(Sluice server, String function) {
        String source = "document: { dsl: '1.0.1', namespace: test, name: " + function + ", version: '1.0.0' }\n"
                + "do: [ { x: { call: " + function + ", metadata: { attemptsMax: 2 } } } ]\n";
        assertThat(server.post("/v1/workflows", "application/yaml", source).status())
                .isEqualTo(201);
        return begin(server, function);
    }

    private String begin(Sluice server, String workflow) {
        var answer = server.post("/v1/workflows/" + workflow + "/runs", "application/json", "{}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String id = answer.body().path("id").asText();
        accepted.add(id);
        return id;
    }

    private static void assertTold(JsonNode run, Misfit misfit) {
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("failed");
        JsonNode attempts = run.at("/steps/0/attempts");
        assertThat(attempts).as(run.toString()).hasSize(misfit.attempts());
        for (JsonNode attempt : attempts) {
            JsonNode problem = attempt.path("problem");
            assertThat(problem.path("code").asText()).as(run.toString()).isEqualTo(misfit.code());
            assertThat(problem.path("detail").asText()).contains(misfit.says());
            assertThat(problem.path("retryable").asBoolean()).isEqualTo(misfit.attempts() == 2);
        }
    }

    /** 200 MiB in chunks. */
    private static boolean flood(RawFunction.Request request, OutputStream out, InputStream in) throws IOException {
        out.write(CHUNKED.getBytes(StandardCharsets.ISO_8859_1));
        byte[] chunk = ("100000\r\n" + " ".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 200; i++) out.write(chunk);
        return false;
    }

    private boolean workAndHangUpTheFirstTime(RawFunction.Request request, OutputStream out, InputStream in)
            throws IOException {
        if (done.add(request.header("ce-idempotencykey"))) return false;
        return saying(http(200, "", "{\"again\":true}")).answer(request, out, in);
    }

    private static void assertWorkWasDoneOnce(JsonNode run) {
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        assertThat(run.path("output").toString()).isEqualTo("{\"again\":true}");
        assertThat(run.at("/steps/0/attempts/0/problem/code").asText()).isEqualTo("SL4043");
        assertThat(run.at("/steps/0/attempts")).hasSize(2);
    }

    private boolean sendTheResultAndThenAnswer(RawFunction.Request request, OutputStream out, InputStream in)
            throws IOException {
        String path = "/v1/steps/" + request.header("ce-sluicetoken");
        assertThat(server.post(path, "application/json", "\"sent\"").status()).isEqualTo(202);
        return saying(http(200, "", "\"answered\"")).answer(request, out, in);
    }

    private boolean limitTheFirstTime(RawFunction.Request request, OutputStream out, InputStream in)
            throws IOException {
        boolean first = done.add(request.header("ce-idempotencykey"));
        String answer = first ? http(429, "retry-after: 3\r\n", "slowly") : http(200, "", "{}");
        return saying(answer).answer(request, out, in);
    }

    private static void assertWaited(JsonNode run) {
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        Instant limited = Instant.parse(run.at("/steps/0/attempts/0/endedAt").asText());
        Instant again = Instant.parse(run.at("/steps/0/attempts/1/startedAt").asText());
        assertThat(Duration.between(limited, again)).isGreaterThanOrEqualTo(Duration.ofMillis(2_990));
    }
}
