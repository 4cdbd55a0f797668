package dev.sluice.boot;

import dev.sluice.api.FeedResource;
import dev.sluice.dispatch.Dispatcher;
import dev.sluice.dispatch.Duties;
import dev.sluice.dispatch.Scaler;
import dev.sluice.inference.Models;
import dev.sluice.orchestrator.Orchestrator;
import dev.sluice.queue.Channels;
import dev.sluice.queue.MemoryWatch;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisGuard;
import dev.sluice.store.Definitions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Starts the parts that this process' roles need. */
@Singleton
class Roles {
    /** Workflow documents that come with Sluice. */
    private static final List<String> BUILT_IN = List.of("/workflows/document-analysis.yaml");

    /** 20 s: within the 30 s that Kubernetes gives a pod; what is not finished then is taken over by another. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(20);

    private final Set<Role> roles;
    private final RedisGuard guard;
    private final Partitions partitions;
    private final MemoryWatch memory;
    private final Definitions definitions;
    private final Dispatcher dispatcher;
    private final Duties duties;
    private final Scaler scaler;
    private final FeedResource feed;
    private final Channels channels;
    private final Models models;
    private final ClockCheck clockCheck;
    private final Orchestrator orchestrator;
    private final String url;
    private final String orchestratorUrl;

    Roles(
            @ConfigProperty(name = "sluice.roles") Set<Role> roles,
            RedisGuard guard,
            Partitions partitions,
            MemoryWatch memory,
            Definitions definitions,
            Dispatcher dispatcher,
            Duties duties,
            Scaler scaler,
            FeedResource feed,
            Channels channels,
            Models models,
            ClockCheck clockCheck,
            Orchestrator orchestrator,
            @ConfigProperty(name = "sluice.url") String url,
            @ConfigProperty(name = "sluice.dispatch.orchestrator-url") String orchestratorUrl) {
        this.roles = Set.copyOf(roles);
        this.guard = guard;
        this.partitions = partitions;
        this.memory = memory;
        this.definitions = definitions;
        this.dispatcher = dispatcher;
        this.duties = duties;
        this.scaler = scaler;
        this.feed = feed;
        this.channels = channels;
        this.models = models;
        this.clockCheck = clockCheck;
        this.orchestrator = orchestrator;
        this.url = url;
        this.orchestratorUrl = orchestratorUrl;
    }

    /** A process that is its own orchestrator needs no HTTP to wake it. */
    private boolean wakesHere() {
        return has(Role.ORCHESTRATOR) && orchestratorUrl.equals(url + "/");
    }

    boolean has(Role role) {
        return roles.contains(role);
    }

    void start(@Observes StartupEvent event) {
        if (has(Role.FUNCTIONS) || has(Role.INFERENCE)) models.start();
        // Functions alone need no Redis: they are plain CloudEvent functions.
        if (roles.equals(Set.of(Role.FUNCTIONS))) return;
        guard.check();
        clockCheck.start();
        partitions.fixCount();
        if (has(Role.API)) {
            memory.start();
            BUILT_IN.forEach(document -> definitions.deploy(read(document)));
            feed.start(channels);
        }
        if (has(Role.DISPATCHER)) {
            dispatcher.start(wakesHere() ? Optional.of(orchestrator::drain) : Optional.empty());
            duties.start();
        }
        scaler.start();
    }

    void stop(@Observes ShutdownEvent event) {
        clockCheck.stop();
        scaler.stop();
        models.stop();
        memory.stop();
        if (has(Role.DISPATCHER)) {
            duties.stop();
            dispatcher.stop(DRAIN_MAX);
        }
        channels.stop();
    }

    private static String read(String resource) {
        try (InputStream in = Roles.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + resource, e);
        }
    }
}
