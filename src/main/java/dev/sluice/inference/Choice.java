package dev.sluice.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** In which order the endpoints of a route are asked. Pure: chance and latencies are inputs. */
final class Choice {
    private Choice() {}

    /**
     * @param upperBound most tokens that the request takes, by which prices are compared
     * @return all endpoints of the route, the first to be asked first
     */
    static List<Endpoint> order(Route route, Tokens upperBound, Latencies latencies, RandomGenerator chance) {
        var order = new ArrayList<>(route.endpoints());
        switch (route.by()) {
            case ORDER -> {}
            case WEIGHT -> draw(route, order, chance);
            case PRICE ->
                order.sort(Comparator.comparingLong(endpoint -> endpoint.price().cost(upperBound)));
            case LATENCY ->
                order.sort(Comparator.comparingDouble(
                        endpoint -> latencies.of(endpoint).orElse(0)));
        }
        return order;
    }

    /** By lot, one after the other, each in proportion to its weight. */
    private static void draw(Route route, List<Endpoint> order, RandomGenerator chance) {
        var left = new ArrayList<>(order);
        order.clear();
        while (!left.isEmpty()) {
            int lot = chance.nextInt(left.stream().mapToInt(route::weight).sum());
            int at = 0;
            while (lot >= route.weight(left.get(at))) lot -= route.weight(left.get(at++));
            order.add(left.remove(at));
        }
    }
}
