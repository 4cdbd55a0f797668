package dev.sluice.dispatch;

import dev.sluice.queue.Task;
import dev.sluice.store.AttemptTokens;
import dev.sluice.store.Payloads;
import dev.sluice.store.Redaction;
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
import java.util.concurrent.CompletableFuture;
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
     * Never fails and never blocks: what goes wrong is an event, too.
     *
     * @param end when it completes, nobody waits for the attempt any more
     * @return completed with empty when {@code end} came before the answer. What follows must not block, unless the
     *     answer is larger than 16 KiB: then it is completed on a thread of its own, as its event goes to the disk
     */
    CompletableFuture<Optional<Event>> begin(
            FunctionTarget target, Task task, Instant startedAt, CompletionStage<Void> end) {
        var result = new CompletableFuture<Optional<Event>>();
        var attempt = new Attempt(target, task, startedAt, end, result);
        if (Payloads.isInline(task.input())) ask(attempt);
        else Thread.startVirtualThread(() -> ask(attempt));
        return result;
    }

    /** As {@link #begin}, and waits for it. */
    Optional<Event> call(FunctionTarget target, Task task, Instant startedAt, CompletionStage<Void> end) {
        return begin(target, task, startedAt, end).join();
    }

    private record Attempt(
            FunctionTarget target,
            Task task,
            Instant startedAt,
            CompletionStage<Void> end,
            CompletableFuture<Optional<Event>> result) {}

    private void ask(Attempt attempt) {
        try {
            Task task = attempt.task();
            Address.Endpoint endpoint = endpoint(attempt.target().address());
            SecretMarks.Revealed input = secrets.reveal(payloads.unpackText(task.input()));
            Duration timeout = attempt.target().timeoutOf(task);
            var headers = StepContract.headers(task, attempt.startedAt().plus(timeout), tokens.issue(task));
            http.ask(endpoint, headers, input.json(), timeout, attempt.end())
                    .whenComplete((answer, failure) -> answered(attempt, input.redaction(), answer, failure));
        } catch (RuntimeException e) {
            attempt.result().complete(notMade(attempt, e));
        }
    }

    private static Address.Endpoint endpoint(Address address) {
        return switch (address) {
            case Address.Endpoint endpoint -> endpoint;
            case Address.Nowhere nowhere -> throw nowhere.problem().asException();
        };
    }

    private void answered(Attempt attempt, Redaction redaction, Http.Answer answer, Throwable failure) {
        if (failure != null) attempt.result().complete(notMade(attempt, failure));
        else if (answer.body().length <= Payloads.INLINE_BYTES_MAX) read(attempt, redaction, answer);
        else Thread.startVirtualThread(() -> read(attempt, redaction, answer));
    }

    private void read(Attempt attempt, Redaction redaction, Http.Answer answer) {
        Optional<Event> event;
        try (answer) {
            event = Optional.of(
                    StepContract.read(attempt.task(), answer, redaction, attempt.startedAt(), clock.instant()));
        } catch (OutOfMemoryError e) {
            // Its tree takes many times what the bytes take; the process goes on without it.
            event = notMade(attempt, tooLarge(attempt.task(), e));
        } catch (RuntimeException e) {
            event = notMade(attempt, e);
        }
        attempt.result().complete(event);
    }

    private static ProblemException tooLarge(Task task, OutOfMemoryError e) {
        return Problem.of(
                        Code.SL4013,
                        "the answer of function '" + task.function()
                                + "' does not fit into the memory of this process (" + e.getMessage()
                                + "); store it and answer with a reference")
                .asException();
    }

    private Optional<Event> notMade(Attempt attempt, Throwable failure) {
        if (failure instanceof CancellationException) return Optional.empty();
        Task task = attempt.task();
        if (failure instanceof ProblemException e) return Optional.of(failed(attempt, e.problem()));
        LOG.errorf(failure, "run=%s step=%s: the attempt could not be made", task.run(), task.step());
        return Optional.of(failed(
                attempt,
                Problem.of(Code.SL9001, "the dispatcher could not make the attempt: " + failure)
                        .retry()));
    }

    private Event failed(Attempt attempt, Problem problem) {
        return StepContract.failed(attempt.task(), problem, Usage.NONE, attempt.startedAt(), clock.instant());
    }
}
