package dev.sluice.dispatch;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Partition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What is with one function now. */
final class Flights {
    /** @param end completed when the request is to be given up */
    record Flight(Delivery delivery, CompletableFuture<Void> end) {}

    /** By partition and entry id. */
    private final Map<Partition, Map<String, Flight>> flights = new ConcurrentHashMap<>();

    Flight begin(Delivery delivery) {
        var flight = new Flight(delivery, new CompletableFuture<>());
        flights.computeIfAbsent(delivery.partition(), p -> new ConcurrentHashMap<>())
                .put(delivery.entryId(), flight);
        return flight;
    }

    void remove(Flight flight) {
        flights.get(flight.delivery().partition()).remove(flight.delivery().entryId());
    }

    boolean has(Delivery delivery) {
        return of(delivery.partition()).containsKey(delivery.entryId());
    }

    /** Gives up the request for that attempt, if there is one; looks at the window's worth of them. */
    void end(Partition partition, String attemptId) {
        for (Flight flight : of(partition).values()) {
            if (flight.delivery().task().attemptId().equals(attemptId))
                flight.end().complete(null);
        }
    }

    int size() {
        return flights.values().stream().mapToInt(Map::size).sum();
    }

    Map<Partition, List<Delivery>> all() {
        var all = new HashMap<Partition, List<Delivery>>();
        flights.forEach((partition, entries) -> all.put(
                partition, entries.values().stream().map(Flight::delivery).toList()));
        return all;
    }

    private Map<String, Flight> of(Partition partition) {
        return flights.getOrDefault(partition, Map.of());
    }
}
