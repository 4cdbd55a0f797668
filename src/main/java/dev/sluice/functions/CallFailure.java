package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryAfter;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What goes wrong in a call, in the DSL's own error types, so that a {@code try} of the author can catch it by type and
 * status. None is retryable by itself, because the author says when to retry; only a server that names the time of the
 * next try is believed.
 */
final class CallFailure {
    private static final String TYPES = "https://serverlessworkflow.io/spec/1.0.0/errors/";
    static final String AUTHENTICATION = TYPES + "authentication";
    static final String AUTHORIZATION = TYPES + "authorization";
    static final String COMMUNICATION = TYPES + "communication";
    static final String CONFIGURATION = TYPES + "configuration";
    static final String TIMEOUT = TYPES + "timeout";
    static final String VALIDATION = TYPES + "validation";

    /** 2,000 characters of a foreign error are enough to see what it is, and do not flood the history. */
    private static final int BODY_CHARACTERS_MAX = 2_000;

    private CallFailure() {}

    /** The document of the workflow asks for what cannot be done. */
    static ProblemException configuration(String detail) {
        return problem(CONFIGURATION, 400, Code.SL4008, detail).asException();
    }

    /** What was given does not fit what is called. */
    static ProblemException validation(String detail) {
        return problem(VALIDATION, 400, Code.SL4008, detail).asException();
    }

    static ProblemException denied(Outgoing request, String why) {
        String detail = asked(request) + " is not allowed: " + why + ". See sluice.http.denied-hosts.";
        return problem(AUTHORIZATION, 403, Code.SL4017, detail).asException();
    }

    static ProblemException fileDenied(String why) {
        return problem(AUTHORIZATION, 403, Code.SL4017, "the file of the OpenAPI document may not be read: " + why)
                .asException();
    }

    /** An OpenAPI document that cannot be followed. */
    static ProblemException document(String why) {
        return problem(CONFIGURATION, 400, Code.SL4018, "the OpenAPI document cannot be used: " + why)
                .asException();
    }

    static ProblemException noConnection(Outgoing request, String why, Throwable cause) {
        return new ProblemException(
                problem(COMMUNICATION, 503, Code.SL4015, asked(request) + ": no connection: " + why), cause);
    }

    /** An answer came, and it is not one that can be used. */
    static ProblemException unusable(Outgoing request, String why, Throwable cause) {
        return new ProblemException(
                problem(COMMUNICATION, 502, Code.SL4015, asked(request) + ": the answer cannot be used: " + why),
                cause);
    }

    static ProblemException timedOut(Outgoing request, Deadline deadline, Throwable cause) {
        String detail = asked(request) + ": not answered within "
                + deadline.total().toMillis() / 1000.0 + " s, all that the call may take";
        return new ProblemException(problem(TIMEOUT, 408, Code.SL4015, detail), cause);
    }

    static ProblemException aborted(Outgoing request, Throwable cause) {
        String detail = asked(request) + ": given up, because nobody waits for the answer any more";
        return new ProblemException(problem(COMMUNICATION, 503, Code.SL4015, detail), cause);
    }

    static ProblemException noToken(String detail) {
        return problem(AUTHENTICATION, 401, Code.SL4016, detail).asException();
    }

    /** For an answer whose status means failure; a 429 or 503 with {@code Retry-After} may be tried again then. */
    static ProblemException ofStatus(Received answer, Clock clock) {
        int status = answer.status();
        String body = body(answer);
        Problem problem = new Problem(
                COMMUNICATION,
                status >= 100 && status <= 599 ? status : 502,
                Code.SL4015.name(),
                titled(status),
                asked(answer.request()) + " was answered with " + status
                        + (body.isEmpty() ? " and an empty body" : ": " + body),
                "",
                false,
                Duration.ZERO);
        Optional<Duration> wait =
                answer.headers().firstValue("Retry-After").map(header -> RetryAfter.read(header, clock.instant()));
        if (wait.isEmpty() || (status != 429 && status != 503)) return problem.asException();
        return problem.retryAfter(wait.get()).asException();
    }

    private static String titled(int status) {
        Response.Status known = Response.Status.fromStatusCode(status);
        return "HTTP " + status + (known == null ? "" : " " + known.getReasonPhrase());
    }

    /** As text, shortened, without the credential that was sent, should the server repeat it. */
    private static String body(Received answer) {
        String body = new String(answer.body(), StandardCharsets.UTF_8).strip();
        for (String sent : answer.request().headers().getOrDefault("Authorization", java.util.List.of())) {
            String credential = sent.substring(sent.indexOf(' ') + 1);
            if (!credential.isBlank()) body = body.replace(credential, "***");
        }
        return body.length() > BODY_CHARACTERS_MAX ? body.substring(0, BODY_CHARACTERS_MAX) + "…" : body;
    }

    private static String asked(Outgoing request) {
        return request.method().toUpperCase(Locale.ROOT) + " " + Uris.shown(request.uri());
    }

    private static Problem problem(String type, int status, Code code, String detail) {
        return new Problem(type, status, code.name(), code.title(), detail, "", false, Duration.ZERO);
    }
}
