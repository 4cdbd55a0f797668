package dev.sluice.dispatch;

import dev.sluice.queue.Task;
import dev.sluice.store.AttemptTokens;
import dev.sluice.store.Payloads;
import dev.sluice.store.SecretMarks;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/** Makes one attempt: asks a function over HTTP, and says what its answer means. Here secrets go in and come out. */
@ApplicationScoped
class FunctionCalls {
    private static final Logger LOG = Logger.getLogger(FunctionCalls.class);

    private final Payloads payloads;
    private final SecretMarks secrets;
    private final AttemptTokens tokens;
    private final Http http;
    private final Clock clock;

    FunctionCalls(Payloads payloads, SecretMarks secrets, AttemptTokens tokens, Http http, Clock clock) {
        this.payloads = payloads;
        this.secrets = secrets;
        this.tokens = tokens;
        this.http = http;
        this.clock = clock;
    }

    /**
     * Never fails: what goes wrong is an event, too.
     *
     * @param end when it completes, nobody waits for the attempt any more
     * @return empty when {@code end} came before the answer
     */
    Optional<Event> call(FunctionTarget target, Task task, Instant startedAt, CompletionStage<Void> end) {
        try {
            return Optional.of(ask(target, task, startedAt, end));
        } catch (CancellationException e) {
            return Optional.empty();
        } catch (ProblemException e) {
            return Optional.of(failed(task, e.problem(), startedAt));
        } catch (RuntimeException e) {
            LOG.errorf(e, "run=%s step=%s: the attempt could not be made", task.run(), task.step());
            Problem problem = Problem.of(Code.SL9001, "the dispatcher could not make the attempt: " + e)
                    .retry();
            return Optional.of(failed(task, problem, startedAt));
        }
    }

    private Event ask(FunctionTarget target, Task task, Instant startedAt, CompletionStage<Void> end) {
        SecretMarks.Revealed input = secrets.reveal(payloads.unpackBytes(task.input()));
        Duration timeout = target.timeoutOf(task);
        var headers = StepContract.headers(task, startedAt.plus(timeout), tokens.issue(task));
        try (Http.Answer answer = http.post(target.url(), headers, input.json(), timeout, end)) {
            return StepContract.read(task, answer, input.redaction(), startedAt, clock.instant());
        } catch (OutOfMemoryError e) {
            // Its tree takes many times what the bytes take; the process goes on without it.
            throw Problem.of(
                            Code.SL4013,
                            "the answer of function '" + task.function()
                                    + "' does not fit into the memory of this process (" + e.getMessage()
                                    + "); store it and answer with a reference")
                    .asException();
        }
    }

    private Event failed(Task task, Problem problem, Instant startedAt) {
        return StepContract.failed(task, problem, Usage.NONE, startedAt, clock.instant());
    }
}
