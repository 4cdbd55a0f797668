package dev.sluice.dispatch;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Place;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What is with one function now. */
final class Flights {
    /** @param end completed when the request is to be given up */
    record Flight(Delivery delivery, CompletableFuture<Void> end) {}

    private final Map<Place, Flight> flights = new ConcurrentHashMap<>();

    /** How many of each tenant. */
    private final Map<String, Integer> held = new ConcurrentHashMap<>();

    Flight begin(Delivery delivery) {
        var flight = new Flight(delivery, new CompletableFuture<>());
        flights.put(delivery.place(), flight);
        held.merge(delivery.tenant(), 1, Integer::sum);
        return flight;
    }

    /** @return false when it was removed before */
    boolean remove(Flight flight) {
        if (!flights.remove(flight.delivery().place(), flight)) return false;
        held.computeIfPresent(flight.delivery().tenant(), (tenant, count) -> count == 1 ? null : count - 1);
        return true;
    }

    boolean has(Place place) {
        return flights.containsKey(place);
    }

    /** Gives up the request for that attempt, if there is one; looks at the window's worth of them. */
    void end(Partition partition, String attemptId) {
        for (Flight flight : flights.values()) {
            Delivery delivery = flight.delivery();
            if (delivery.partition().equals(partition)
                    && delivery.task().attemptId().equals(attemptId))
                flight.end().complete(null);
        }
    }

    int size() {
        return flights.size();
    }

    int of(String tenant) {
        return held.getOrDefault(tenant, 0);
    }

    List<Delivery> deliveries() {
        return flights.values().stream().map(Flight::delivery).toList();
    }
}
