package dev.sluice.boot;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A running Redis and the shell that holds it. The shell's standard input is a pipe from this process: when the pipe
 * breaks, because it was closed or because this process died, even by {@code kill -9}, the shell ends Redis with
 * SIGTERM, upon which Redis writes what it holds.
 *
 * <p>Both live in a session of their own, so that Ctrl-C, which the terminal sends to every process in the foreground,
 * reaches only this process: Redis has to outlive the graceful stop of what uses it.
 */
final class RedisLeash {
    /**
     * Arguments: the binary, its settings file. Exits with the status of Redis. Without {@code setsid} (macOS),
     * {@code set -m} gives Redis a process group of its own.
     */
    private static final String SCRIPT = """
            [ "$3" = monitor ] && set -m
            trap '' INT HUP
            exec 3<&0
            "$1" "$2" </dev/null 3<&- &
            redis=$!
            trap 'kill -TERM $redis 2>/dev/null' TERM
            { read -r line <&3; kill -TERM $redis; } >/dev/null 2>&1 &
            leash=$!
            wait $redis
            status=$?
            while kill -0 $redis 2>/dev/null; do wait $redis; status=$?; done
            kill -TERM $leash 2>/dev/null
            exit $status
            """;

    private final Process shell;

    private RedisLeash(Process shell) {
        this.shell = shell;
    }

    static RedisLeash start(Path binary, Path settings, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        var setsid = RedisBinary.onPath(System.getenv("PATH"), "setsid");
        setsid.ifPresent(p -> command.add(p.toString()));
        command.addAll(List.of("sh", "-c", SCRIPT, "sluice-redis", binary.toString(), settings.toString()));
        command.add(setsid.isPresent() ? "session" : "monitor");
        return new RedisLeash(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    }

    /** True as long as the shell lives, and with it Redis. */
    boolean holds() {
        return shell.isAlive();
    }

    /** Calls back once, on a thread of its own, when Redis has ended for whatever reason. */
    void whenEnded(Runnable then) {
        shell.onExit()
                .thenRunAsync(
                        then, task -> Thread.ofVirtual().name("redis-watch").start(task));
    }

    /** Ends Redis in good order, and by force when it has not ended after {@code limit}. */
    void release(Duration limit) {
        try {
            shell.getOutputStream().close();
            if (shell.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) return;
        } catch (IOException e) {
            // The pipe is broken already, so the shell is letting go.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
    }
}
