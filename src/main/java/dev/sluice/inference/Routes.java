package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.RouteSettings;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What every alias means. */
final class Routes {
    /** 16: whoever comes to the end of such a list has waited longer than for the first one's recovery. */
    private static final int ENDPOINTS_MAX = 16;

    private final Map<String, Route> byAlias = new TreeMap<>();
    private final Map<String, Endpoint> endpoints;
    private final String defaultAlias;

    /** @throws ProblemException SL1007 when a route's settings cannot be used */
    Routes(InferenceSettings settings, Endpoints endpoints) {
        this.endpoints = endpoints.all();
        this.defaultAlias = settings.model();
        settings.routes().forEach((alias, route) -> byAlias.put(alias, route(alias, route)));
        byAlias.values().forEach(this::checkEscalation);
    }

    /**
     * The route of that name, else the endpoint of that name, else the first by name that serves a model of that name.
     *
     * @param alias "" for the default
     * @throws ProblemException SL5005 when there is none
     */
    Route of(String alias) {
        String wanted = alias.isBlank() ? defaultAlias : alias;
        return find(wanted)
                .orElseThrow(() -> Problem.of(Code.SL5005, unknown(wanted)).asException());
    }

    /** @throws ProblemException SL1007 when the default alias means nothing */
    void check() {
        if (find(defaultAlias).isEmpty()) throw Wrong.setting("model", "is wrong: " + unknown(defaultAlias));
    }

    Collection<Route> all() {
        return byAlias.values();
    }

    /** Every alias that can be asked for: routes, then endpoints that are no route. */
    List<String> aliases() {
        var all = new ArrayList<>(byAlias.keySet());
        endpoints.keySet().stream().filter(name -> !byAlias.containsKey(name)).forEach(all::add);
        return all;
    }

    private Optional<Route> find(String alias) {
        Route route = byAlias.get(alias);
        if (route != null) return Optional.of(route);
        Endpoint named = endpoints.get(alias);
        if (named != null) return Optional.of(Route.of(named));
        return endpoints.values().stream()
                .filter(endpoint -> endpoint.model().equals(alias))
                .findFirst()
                .map(Route::of);
    }

    private String unknown(String alias) {
        String routes = byAlias.isEmpty() ? "" : "the routes " + String.join(", ", byAlias.keySet()) + " and ";
        return "no route, endpoint or model is called \"" + alias + "\". There are " + routes + "the endpoints "
                + String.join(", ", endpoints.keySet()) + ". Use one of them, or set " + Wrong.PREFIX + "endpoints."
                + alias + ".url, .model, .input-price and .output-price";
    }

    private Route route(String alias, RouteSettings of) {
        String place = "routes." + alias + ".";
        var chosen = new ArrayList<Endpoint>();
        for (String name : of.endpoints()) chosen.add(endpoint(name.strip(), place + "endpoints"));
        Wrong.unless(
                !chosen.isEmpty() && chosen.size() <= ENDPOINTS_MAX,
                place + "endpoints",
                "must name 1 to " + ENDPOINTS_MAX + " endpoints");
        Wrong.unless(new HashSet<>(chosen).size() == chosen.size(), place + "endpoints", "names an endpoint twice");
        of.weights().forEach((name, weight) -> {
            endpoint(name, place + "weights." + name);
            Wrong.unless(weight > 0 && weight <= 1_000, place + "weights." + name, "must be 1 to 1000");
        });
        Duration cache = of.cache().orElse(Duration.ZERO);
        Wrong.unless(!cache.isNegative(), place + "cache", "must not be negative");
        return new Route(
                alias,
                List.copyOf(chosen),
                of.by(),
                Map.copyOf(of.weights()),
                of.fallbackOn(),
                of.hedge(),
                cache,
                of.escalate());
    }

    private Endpoint endpoint(String name, String place) {
        Endpoint endpoint = endpoints.get(name);
        Wrong.unless(
                endpoint != null,
                place,
                "names \"" + name + "\", which is no endpoint; there are " + String.join(", ", endpoints.keySet()));
        return endpoint;
    }

    private void checkEscalation(Route route) {
        route.escalate()
                .ifPresent(alias -> Wrong.unless(
                        find(alias).isPresent() && !alias.equals(route.alias()),
                        "routes." + route.alias() + ".escalate",
                        "names \"" + alias + "\", which is no other route, endpoint or model"));
    }
}
