package dev.sluice.inference;

import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Reservation;
import dev.sluice.inference.Spending.Refusal;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** SL5007: which budget does not allow a call, and whether another attempt can help. */
final class BudgetUsedUp {
    /** 5 s: most calls have their answer by then, and give back what they did not use. */
    private static final Duration OTHERS_DURATION = Duration.ofSeconds(5);

    private BudgetUsedUp() {}

    static Problem of(Refusal refusal, Reservation wanted, Instant now) {
        long max = refusal.bound().microsMax();
        Scope scope = refusal.bound().scope();
        String detail = "The budget of " + name(scope, wanted) + " is " + dollars(max) + ": " + dollars(refusal.spent())
                + " is spent, " + dollars(refusal.reserved())
                + " set aside for calls under way, and this call may cost "
                + dollars(wanted.micros()) + ".";
        if (wanted.micros() > max) {
            return Problem.of(Code.SL5007, detail + " That is more than the whole budget: raise it, or ask for less.");
        }
        if (refusal.spent() <= max - wanted.micros()) {
            return Problem.of(Code.SL5007, detail + " It is tried again when these have their answers.")
                    .retryAfter(OTHERS_DURATION);
        }
        if (scope == Scope.RUN || scope == Scope.STEP) return Problem.of(Code.SL5007, detail + " Raise it.");
        Instant next = wanted.day().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return Problem.of(Code.SL5007, detail + " It is tried again at " + next + ".")
                .retryAfter(Duration.between(now, next));
    }

    private static String name(Scope scope, Reservation wanted) {
        Account account = wanted.account();
        return switch (scope) {
            case STEP -> "step " + account.step() + " of run " + account.run();
            case RUN -> "run " + account.run();
            case WORKFLOW_DAY -> "workflow " + account.workflow() + " for " + wanted.day();
            case TENANT_DAY -> "tenant " + account.tenant() + " for " + wanted.day();
            case DAY -> "the deployment for " + wanted.day();
        };
    }

    private static String dollars(long micros) {
        return "$" + BigDecimal.valueOf(micros, 6).toPlainString();
    }
}
