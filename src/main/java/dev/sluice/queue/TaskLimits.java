package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Service;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which limits count for a task: those of its run, of its tenant and of its function. */
@ApplicationScoped
public class TaskLimits {
    /** Of tenants that have none of their own; null: any number. */
    private final Integer everyTenant;

    private final Map<String, Integer> tenants = new HashMap<>();
    private final Map<String, Integer> functions = new HashMap<>();
    private final Map<String, RateLimits.Rate> rates = new HashMap<>();

    /** @throws dev.sluice.workflow.ProblemException SL1007 when a maximum is below 1 */
    @Inject
    TaskLimits(LaneSettings lanes, TenantSettings tenants, FunctionLimits functions) {
        this.everyTenant = lanes.tenantConcurrency().isEmpty()
                ? null
                : (int) atLeastOne(
                        "sluice.lanes.tenant-concurrency",
                        lanes.tenantConcurrency().getAsInt());
        tenants.all()
                .forEach((name, tenant) -> tenant.concurrency()
                        .ifPresent(max -> this.tenants.put(
                                name, (int) atLeastOne("sluice.tenants." + quoted(name) + ".concurrency", max))));
        functions.all().forEach((name, function) -> {
            function.concurrency()
                    .ifPresent(max -> this.functions.put(
                            name, (int) atLeastOne("sluice.functions." + quoted(name) + ".concurrency", max)));
            function.rate()
                    .requestsPerMinute()
                    .ifPresent(max -> rates.put(
                            name,
                            new RateLimits.Rate(
                                    atLeastOne("sluice.functions." + quoted(name) + ".rate.requests-per-minute", max),
                                    0)));
        });
    }

    /** @param rates requests per minute of each function */
    TaskLimits(Map<String, Integer> tenants, Map<String, Integer> functions, Map<String, Integer> rates) {
        this.everyTenant = null;
        this.tenants.putAll(tenants);
        this.functions.putAll(functions);
        rates.forEach((name, max) -> this.rates.put(name, new RateLimits.Rate(max, 0)));
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    private static long atLeastOne(String setting, long max) {
        if (max >= 1) return max;
        throw Problem.of(Code.SL1007, setting + " is " + max + "; it must be 1 or more")
                .asException();
    }

    /** In the order in which they are asked for: the same for all who ask for the same ones. */
    public List<Service.Limit> of(Place place, List<Service.Limit> own) {
        String tenant = place.lane().tenant();
        String function = place.lane().function();
        Integer ofTenant = tenant.isEmpty() ? null : tenants.getOrDefault(tenant, everyTenant);
        Integer ofFunction = functions.get(function);
        if (ofTenant == null && ofFunction == null) return own.size() < 2 ? own : sorted(own);
        var all = new ArrayList<>(own);
        if (ofTenant != null) all.add(new Service.Limit("tenant=" + tenant, ofTenant));
        if (ofFunction != null) all.add(new Service.Limit(ofFunction(function), ofFunction));
        return sorted(all);
    }

    private static List<Service.Limit> sorted(List<Service.Limit> limits) {
        return limits.stream().sorted(Comparator.comparing(Service.Limit::key)).toList();
    }

    /** The maximum of the function by itself; 0 when it has none. */
    public int concurrencyOf(String function) {
        return functions.getOrDefault(function, 0);
    }

    /** Null when the function has none. */
    public RateLimits.Rate rateOf(String function) {
        return rates.get(function);
    }

    /** Name of a function's limit and rate. */
    public static String ofFunction(String function) {
        return "function=" + function;
    }
}
