package dev.sluice.dispatch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code sluice.dispatch.*}: how tasks are delivered. */
@ConfigMapping(prefix = "sluice.dispatch")
interface DispatchSettings {
    /** Where the orchestrator takes wake-ups. */
    URI orchestratorUrl();

    /**
     * Where functions are that have no setting of their own; {@code {function}} stands for the name,
     * {@code {namespace}} for the namespace.
     */
    String functionUrl();

    /** Stands for {@code {namespace}} in {@link #functionUrl}; without it the namespace of this pod. */
    Optional<String> namespace();

    /** How functions are asked that have no setting of their own: {@code 1.1}, or {@code h2c}, without an upgrade. */
    @WithDefault("1.1")
    String http();

    /** Of functions that have no setting of their own. */
    WindowSettings window();

    /** Settings of single functions, by name. */
    Map<String, FunctionSettings> functions();

    /** How often to look without a hint. Bounds the delay that a lost hint costs. */
    @WithDefault("1s")
    Duration sweepInterval();

    /** How long a task stays with a dispatcher that shows no sign of life; a heartbeat is sent three times as often. */
    @WithDefault("15s")
    Duration lease();

    /** How long a partition stays with a dispatcher that shows no sign of life; one is given each sweep. */
    @WithDefault("5s")
    Duration partitionLease();

    /** Deliveries of one task before it is given up as one that kills its worker. */
    @WithDefault("5")
    int deliveriesMax();

    /** How many attempts of one function may be in flight, from this dispatcher. */
    interface WindowSettings {
        /** 4: enough for a function to show that it has recovered. Raise it where an autoscaler counts requests. */
        @WithDefault("4")
        int min();

        /** 256: two per pod of a function that has the most pods that most clusters give it. */
        @WithDefault("256")
        int max();

        /** Where it begins. */
        @WithDefault("16")
        int initial();
    }

    interface OwnWindow {
        OptionalInt min();

        OptionalInt max();

        OptionalInt initial();
    }

    interface FunctionSettings {
        Optional<URI> url();

        /** See {@link DispatchSettings#http}. */
        Optional<String> http();

        /** What is not set here is as for all. */
        OwnWindow window();

        /**
         * Of one attempt, from sending the request to the last byte of the answer: 10 minutes when not set, because
         * some documents take a model minutes; 11 for {@code http} and {@code openapi}.
         */
        Optional<Duration> timeout();
    }
}
