package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Says in one line why Quarkus did not start. */
final class StartFailure {
    /** Causes nest a handful deep; the bound guards against one that is its own cause. */
    private static final int CAUSES_MAX = 50;

    private StartFailure() {}

    /** The problem behind a failed start. What nobody foresaw is SL9001, and its stack trace goes to a file. */
    static Problem of(Throwable failure, StartSettings settings, Path data) {
        for (Throwable cause : causes(failure)) {
            if (cause instanceof ProblemException known) return known.problem();
            if (cause instanceof BindException) return settings.http().taken();
            if (cause instanceof ConfigurationException || cause instanceof ConfigValidationException) {
                return Problem.of(Code.SL1007, oneLine(cause.getMessage()));
            }
            if (cause instanceof ConnectException && settings.redisHosts().isPresent()) {
                return Problem.of(
                        Code.SL1005,
                        withoutPassword(settings.redisHosts().get()) + " does not answer ("
                                + oneLine(cause.getMessage())
                                + "). Start that Redis, or unset QUARKUS_REDIS_HOSTS to use the embedded one.");
            }
        }
        return defect(failure, data);
    }

    private static Problem defect(Throwable failure, Path data) {
        List<Throwable> causes = causes(failure);
        Throwable root = causes.getLast();
        String what = "the start failed: " + root.getClass().getSimpleName() + ": " + oneLine(root.getMessage());
        Path trace = data.resolve("start-failure.txt");
        try (PrintWriter out = new PrintWriter(trace.toFile(), StandardCharsets.UTF_8)) {
            failure.printStackTrace(out);
            return Problem.of(Code.SL9001, what + ". The stack trace is in " + trace + ".");
        } catch (IOException e) {
            return Problem.of(Code.SL9001, what);
        }
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable t = failure; t != null && causes.size() < CAUSES_MAX; t = t.getCause()) causes.add(t);
        return causes;
    }

    /** Replaces what stands between {@code ://} and {@code @}. */
    static String withoutPassword(String hosts) {
        return hosts.replaceAll("://[^@,/]*@", "://…@");
    }

    private static String oneLine(String text) {
        return text == null ? "no further word" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
