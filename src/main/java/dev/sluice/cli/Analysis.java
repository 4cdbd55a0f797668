package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.cli.ApiClient.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/** Uploads files and follows their runs until all have ended or the time is up. */
final class Analysis {
    /** 250 ms at first, so that one small document is shown at once. */
    private static final Duration POLL_MIN = Duration.ofMillis(250);

    /** 2 s in the end, so that a long wait does not load the server. */
    private static final Duration POLL_MAX = Duration.ofSeconds(2);

    /** 3 tries of one upload whose connection broke; a server that is busy is asked until the time is up. */
    private static final int UPLOAD_ATTEMPTS_MAX = 3;

    private static final Duration BUSY_WAIT = Duration.ofSeconds(1);

    private final ApiClient api;
    private final String workflow;
    private final Duration timeout;
    private final PrintWriter progress;
    private final long start = System.nanoTime();

    Analysis(ApiClient api, String workflow, Duration timeout, PrintWriter progress) {
        this.api = api;
        this.workflow = workflow;
        this.timeout = timeout;
        this.progress = progress;
    }

    Documents run(List<Path> named) {
        List<DocumentResult> results = new ArrayList<>();
        List<Path> readable = new ArrayList<>();
        for (Path file : Batches.expand(named)) {
            if (Files.isRegularFile(file) && Files.isReadable(file)) readable.add(file);
            else results.add(DocumentResult.unreadable(file.toString(), unreadable(file)));
        }
        int uploaded = 0;
        for (List<Path> batch : Batches.of(readable)) {
            results.addAll(upload(batch));
            uploaded += batch.size();
            say("%d of %d uploaded", uploaded, readable.size());
        }
        follow(results);
        return new Documents(results, elapsed());
    }

    private static String unreadable(Path file) {
        if (!Files.exists(file)) return "there is no such file";
        return Files.isRegularFile(file) ? "this user may not read it" : "it is not a file";
    }

    private List<DocumentResult> upload(List<Path> batch) {
        String key = UUID.randomUUID().toString();
        for (int attempt = 1; ; attempt++) {
            try {
                Answer answer = api.upload(workflow, batch, key);
                if (!answer.tryLater() || elapsed().compareTo(timeout) > 0) return taken(batch, answer);
                attempt--;
                pause(answer.retryAfter().orElse(BUSY_WAIT));
            } catch (IOException e) {
                if (attempt == UPLOAD_ATTEMPTS_MAX) {
                    return all(batch, "the upload broke off " + attempt + " times: " + e.getMessage());
                }
            }
        }
    }

    private static List<DocumentResult> taken(List<Path> batch, Answer answer) {
        if (!answer.ok()) {
            String problem = DocumentResult.line(answer.body());
            return all(batch, problem.isEmpty() ? "the server answered " + answer.status() : problem);
        }
        List<DocumentResult> results = new ArrayList<>();
        for (JsonNode run : answer.body().path("runs")) {
            results.add(DocumentResult.accepted(
                    run.path("name").asText(""), run.path("id").asText("")));
        }
        for (JsonNode refused : answer.body().path("refused")) {
            results.add(DocumentResult.refused(refused.path("name").asText(""), refused.path("problem")));
        }
        return results;
    }

    private static List<DocumentResult> all(List<Path> batch, String reason) {
        return batch.stream()
                .map(f -> new DocumentResult(Multipart.name(f), "", "refused", null, reason))
                .toList();
    }

    private void follow(List<DocumentResult> results) {
        Duration wait = POLL_MIN;
        long before = -1;
        while (true) {
            results.replaceAll(r -> r.ended() ? r : look(r));
            long ended = results.stream().filter(DocumentResult::ended).count();
            if (ended != before) say("%d of %d ended", ended, results.size());
            if (ended == results.size()) return;
            if (elapsed().compareTo(timeout) > 0) {
                say("Time is up. What is not finished goes on; see it at /v1/runs or wait longer with --timeout.");
                return;
            }
            wait = ended != before ? POLL_MIN : wait.multipliedBy(2);
            if (wait.compareTo(POLL_MAX) > 0) wait = POLL_MAX;
            before = ended;
            pause(wait);
        }
    }

    private DocumentResult look(DocumentResult former) {
        try {
            Answer answer = api.run(former.id());
            if (answer.ok()) return former.seen(answer.body());
            boolean gone = answer.status() == 404 || answer.status() == 410;
            return gone ? former.lost(DocumentResult.line(answer.body())) : former;
        } catch (IOException e) {
            return former;
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void say(String format, Object... values) {
        progress.println(format.formatted(values));
        progress.flush();
    }

    private static void pause(Duration wait) {
        long until = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0; left = until - System.nanoTime()) LockSupport.parkNanos(left);
    }
}
