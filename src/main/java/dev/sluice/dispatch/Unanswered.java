package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Why there is no answer, as a problem for the run's history ({@code docs/functions.md}). */
final class Unanswered {
    /** 20: a chain of causes is followed no further, should it ever lead back to itself. */
    private static final int CAUSES_MAX = 20;

    private Unanswered() {}

    static ProblemException late(URI url, Duration timeout) {
        String waited = timeout.toMillis() % 1_000 == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms";
        return Problem.of(Code.SL4011, "no answer from " + url + " within " + waited)
                .retry()
                .asException();
    }

    /** @param reason a clause that begins with "it" */
    static ProblemException noHttp(String reason) {
        return Problem.of(Code.SL4042, "what answers is not HTTP/1.1: " + reason)
                .retry()
                .asException();
    }

    /**
     * @param connected false: the function has not got the request; true: it may have done its work
     * @param cause as the HTTP client gave it
     */
    static ProblemException because(URI url, boolean connected, Throwable cause) {
        if (cause instanceof ProblemException named) return named;
        return (connected ? afterwards(url, cause) : before(url, cause)).asException();
    }

    private static Problem before(URI url, Throwable cause) {
        if (find(cause, UnknownHostException.class).isPresent()) {
            return Problem.of(
                            Code.SL4040,
                            "POST " + url + ": no address is known for the name '" + url.getHost() + "'; "
                                    + text(cause))
                    .retry();
        }
        Optional<SSLException> tls = find(cause, SSLException.class);
        if (tls.isPresent()) {
            return Problem.of(Code.SL4041, "POST " + url + ": " + text(tls.get()) + " (" + text(root(tls.get())) + ")")
                    .retry();
        }
        return Problem.of(Code.SL4010, "POST " + url + ": " + text(cause)).retry();
    }

    private static Problem afterwards(URI url, Throwable cause) {
        if (cause instanceof AnswerReader.BrokenOffException broken) return midway(url, broken);
        return malformed(url, cause)
                .orElseGet(() -> brokeOff(
                        url, "before it had answered, after it had the request; it may have done its work", cause));
    }

    private static Problem midway(URI url, AnswerReader.BrokenOffException broken) {
        Throwable cause = broken.getCause();
        return malformed(url, cause)
                .orElseGet(() -> brokeOff(url, "in its answer, after " + broken.bytes + " bytes of the body", cause));
    }

    /** Empty when the bytes that came were right as far as they came. */
    private static Optional<Problem> malformed(URI url, Throwable cause) {
        if (find(cause, TooLongFrameException.class).isPresent()) {
            return Optional.of(Problem.of(
                    Code.SL4013,
                    "POST " + url + ": " + text(cause) + " Put what is longer into the body of the answer."));
        }
        if (find(cause, PrematureChannelClosureException.class).isPresent()) return Optional.empty();
        boolean malformed = find(cause, DecoderException.class).isPresent()
                || find(cause, IllegalArgumentException.class).isPresent();
        return malformed
                ? Optional.of(Problem.of(Code.SL4042, "POST " + url + ": " + text(cause))
                        .retry())
                : Optional.empty();
    }

    private static Problem brokeOff(URI url, String when, Throwable cause) {
        return Problem.of(
                        Code.SL4043,
                        "POST " + url + ": the function closed the connection " + when + " (" + text(cause) + ")")
                .retry();
    }

    /** Says what was wrong; those around it say that something was. */
    private static Throwable root(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; cause.getCause() != null && i < CAUSES_MAX; i++) cause = cause.getCause();
        return cause;
    }

    private static String text(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> kind) {
        Throwable cause = thrown;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            if (kind.isInstance(cause)) return Optional.of(kind.cast(cause));
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
