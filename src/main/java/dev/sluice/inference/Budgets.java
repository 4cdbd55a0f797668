package dev.sluice.inference;

import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Bound;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which budgets hold for an account: those of the deployment, its tenant's, and its workflow's own; the least counts.
 */
final class Budgets {
    private final Map<Scope, Long> deployment = new EnumMap<>(Scope.class);
    private final Map<String, Long> tenants = new HashMap<>();

    /** @throws dev.sluice.workflow.ProblemException SL1007 for one below zero */
    Budgets(InferenceSettings settings) {
        var of = settings.budgets();
        put(Scope.STEP, of.step(), "step");
        put(Scope.RUN, of.run(), "run");
        put(Scope.WORKFLOW_DAY, of.workflowDay(), "workflow-day");
        put(Scope.TENANT_DAY, of.tenantDay(), "tenant-day");
        put(Scope.DAY, of.day(), "day");
        settings.tenants()
                .forEach((name, tenant) -> tenant.budgetDay()
                        .ifPresent(dollars ->
                                tenants.put(name, Wrong.micros(dollars, "tenants.\"" + name + "\".budget-day"))));
    }

    private void put(Scope scope, Optional<BigDecimal> dollars, String member) {
        dollars.ifPresent(d -> deployment.put(scope, Wrong.micros(d, "budgets." + member)));
    }

    boolean isEmpty() {
        return deployment.isEmpty() && tenants.isEmpty();
    }

    List<Bound> of(Account account) {
        var bounds = new ArrayList<Bound>();
        for (Scope scope : Scope.values()) {
            if (!isKnown(scope, account)) continue;
            Long own = account.budgets().get(scope);
            Long most = deployment.get(scope);
            if (scope == Scope.TENANT_DAY) most = tenants.getOrDefault(account.tenant(), most);
            if (own == null && most == null) continue;
            bounds.add(new Bound(scope, own == null ? most : most == null ? own : Math.min(own, most)));
        }
        return bounds;
    }

    private static boolean isKnown(Scope scope, Account account) {
        return switch (scope) {
            case STEP -> !account.run().isEmpty() && !account.step().isEmpty();
            case RUN -> !account.run().isEmpty();
            case WORKFLOW_DAY -> !account.workflow().isEmpty();
            case TENANT_DAY -> !account.tenant().isEmpty();
            case DAY -> true;
        };
    }
}
