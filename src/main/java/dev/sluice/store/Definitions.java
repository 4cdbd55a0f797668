package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.LastWord;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.TaskQueue;
import dev.sluice.queue.Together;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.QueueTerms;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Deployed workflow documents, all revisions of them: a run stays on the one that it started with. A workflow is
 * addressed as {@code namespace.name}, or as {@code name} as long as one namespace has it.
 */
@ApplicationScoped
public class Definitions {
    /** 256 compiled revisions: a few MB; more than any deployment has in flight at once. */
    private static final int COMPILED_MAX = 256;

    /** 128 names are one batch of some KB. */
    private static final int LOOKUPS_MAX = 128;

    private final RedisLink redis;
    private final Partitions partitions;
    private final TaskQueue tasks;
    private final Clock clock;
    private final ScheduleBook schedules;
    private final Together<String, Found> lookups = new Together<>(LOOKUPS_MAX, this::lookUp);
    private final DefinitionReader reader = new DefinitionReader();
    private final LastWord<Found> lastFound = new LastWord<>();
    private final LastWord<List<String>> namesakes = new LastWord<>();
    private final Map<String, Definition> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Definition> eldest) {
            return size() > COMPILED_MAX;
        }
    };

    /**
     * @param deployedAt when this revision was deployed first
     * @param created false when it had been deployed before
     */
    public record Deployment(Definition definition, Instant deployedAt, boolean created) {}

    /** @param latest true for the one that new runs start with */
    public record Revision(String revision, String version, Instant deployedAt, boolean latest) {
        private static Revision read(String revision, String stored, String latest) {
            int space = stored.indexOf(' ');
            return new Revision(
                    revision,
                    stored.substring(space + 1),
                    Instant.ofEpochMilli(Long.parseLong(stored.substring(0, space))),
                    revision.equals(latest));
        }
    }

    Definitions(RedisLink redis, Partitions partitions, TaskQueue tasks, Clock clock) {
        this.redis = redis;
        this.partitions = partitions;
        this.tasks = tasks;
        this.clock = clock;
        this.schedules = new ScheduleBook(redis);
    }

    /** @throws dev.sluice.workflow.ProblemException as {@link #deploy}, and nothing else happens */
    public Definition check(String source) {
        Definition definition = reader.read(source);
        partitions.count(definition.queue().group()).ifPresent(fixed -> checkPartitions(definition, fixed));
        return definition;
    }

    private static void checkPartitions(Definition definition, int fixed) {
        QueueTerms terms = definition.queue();
        if (terms.partitions().orElse(fixed) == fixed) return;
        throw DefinitionReader.finding(
                definition,
                "/document/metadata/queue/partitions",
                "must be " + fixed + " or left out: group '" + terms.group() + "' has " + fixed
                        + " partitions, which nothing changes once the group is in use");
    }

    /**
     * Makes {@code source} the latest revision of its workflow. Runs in flight are not touched; another document may
     * have the same version. Its schedule is the workflow's from now on. Its group gets its partitions if it is the
     * first of the group. Repeating it changes nothing.
     *
     * @throws dev.sluice.workflow.ProblemException SL3001 or SL3002, with all problems; SL2033
     */
    public Deployment deploy(String source) {
        Definition definition = check(source);
        String group = definition.queue().group();
        checkPartitions(definition, partitions.open(group, definition.queue().partitions()));
        definition.functions().forEach(tasks::know);
        String name = definition.qualifiedName();
        String revision = definition.revision();
        redis.send(Command.HSET, Keys.revisions(definition.name()), revision, source);
        String first = clock.millis() + " " + definition.version();
        boolean created = redis.send(Command.HSETNX, Keys.deployments(name), revision, first)
                        .toInteger()
                == 1;
        String stored =
                redis.send(Command.HGET, Keys.deployments(name), revision).toString();
        redis.send(Command.HSET, Keys.versions(name), definition.version(), revision);
        redis.send(Command.SADD, Keys.namespaces(definition.name()), definition.namespace());
        redis.send(Command.HSET, Keys.workflows(), name, revision);
        schedules.put(definition, clock.instant());
        Instant deployedAt = Revision.read(revision, stored, revision).deployedAt();
        return new Deployment(definition, deployedAt, created);
    }

    /**
     * The latest revision.
     *
     * @param workflow {@code namespace.name} or {@code name}
     * @throws dev.sluice.workflow.ProblemException SL2018 for a name alone that several namespaces have
     */
    public Optional<Definition> latest(String workflow) {
        Found found = lastFound.ask(workflow, () -> lookups.ask(workflow));
        if (found.ambiguous() != null) throw found.ambiguous();
        return found.revision().map(revision -> revision(found.name(), revision));
    }

    /** @param ambiguous why the name means no workflow, else null */
    private record Found(String name, Optional<String> revision, ProblemException ambiguous) {}

    /** Who starts runs at the same time shares two round trips, and always learns what was deployed before he asked. */
    private List<Found> lookUp(List<String> workflows) {
        List<Response> namespaces = redis.sendAll(workflows.stream()
                .map(name -> RedisLink.request(Command.SMEMBERS, Keys.namespaces(name)))
                .toList());
        var names = new ArrayList<String>();
        var ambiguous = new ArrayList<ProblemException>();
        for (int i = 0; i < workflows.size(); i++) {
            List<String> possible = possible(workflows.get(i), namespaces.get(i));
            names.add(possible.isEmpty() ? workflows.get(i) : possible.getFirst());
            ambiguous.add(possible.size() > 1 ? ambiguous(workflows.get(i), possible) : null);
        }
        List<Response> revisions = redis.sendAll(names.stream()
                .map(name -> RedisLink.request(Command.HGET, Keys.workflows(), name))
                .toList());
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Found(
                        names.get(i), Optional.ofNullable(revisions.get(i)).map(Response::toString), ambiguous.get(i)))
                .toList();
    }

    /** The revision that was deployed last under this {@code document.version}. */
    public Optional<Definition> version(String namespace, String name, String version) {
        String qualified = namespace + "." + name;
        Response revision = redis.send(Command.HGET, Keys.versions(qualified), version);
        return revision == null ? Optional.empty() : Optional.of(revision(qualified, revision.toString()));
    }

    /**
     * Every revision, the one deployed last first; empty when there is no such workflow.
     *
     * @throws dev.sluice.workflow.ProblemException SL2018 as {@link #latest}
     */
    public List<Revision> revisions(String workflow) {
        Optional<String> name = qualified(workflow);
        Response latest =
                name.map(n -> redis.send(Command.HGET, Keys.workflows(), n)).orElse(null);
        if (latest == null) return List.of();
        Response stored = redis.send(Command.HGETALL, Keys.deployments(name.get()));
        return stored.getKeys().stream()
                .map(revision -> Revision.read(revision, stored.get(revision).toString(), latest.toString()))
                .sorted(Comparator.comparing(Revision::deployedAt).reversed().thenComparing(Revision::revision))
                .toList();
    }

    /** @param workflow {@code namespace.name}, or {@code name}, which any number of namespaces may have */
    boolean isDeployed(String workflow) {
        Response found = workflow.contains(".")
                ? redis.send(Command.HEXISTS, Keys.workflows(), workflow)
                : redis.send(Command.EXISTS, Keys.namespaces(workflow));
        return found.toInteger() == 1;
    }

    private Optional<String> qualified(String workflow) {
        if (workflow.contains(".")) return Optional.of(workflow);
        List<String> names = namesakes.ask(
                workflow, () -> possible(workflow, redis.send(Command.SMEMBERS, Keys.namespaces(workflow))));
        if (names.size() > 1) throw ambiguous(workflow, names);
        return names.stream().findFirst();
    }

    /** @return the qualified names that may be meant, in order */
    private static List<String> possible(String workflow, Response namespaces) {
        if (workflow.contains(".")) return List.of(workflow);
        return namespaces.stream()
                .map(namespace -> namespace + "." + workflow)
                .sorted()
                .toList();
    }

    private static ProblemException ambiguous(String workflow, List<String> names) {
        return Problem.of(
                        Code.SL2018,
                        "the name '" + workflow + "' alone may be any of " + String.join(", ", names)
                                + ". Use one of these instead.")
                .asException();
    }

    /** The latest revision of every workflow, by name, then namespace. */
    public List<Definition> all() {
        var definitions = new ArrayList<Definition>();
        for (Response name : redis.send(Command.HKEYS, Keys.workflows())) {
            latest(name.toString()).ifPresent(definitions::add);
        }
        definitions.sort(Comparator.comparing(Definition::name).thenComparing(Definition::namespace));
        return definitions;
    }

    /**
     * @param workflow {@code name}, which the revision makes unique, or {@code namespace.name}
     * @throws dev.sluice.workflow.ProblemException SL2001 when it was never deployed
     */
    public Definition revision(String workflow, String revision) {
        String name = workflow.substring(workflow.indexOf('.') + 1);
        Definition definition = byContent(name, revision).orElse(null);
        boolean other = workflow.contains(".") && definition != null && !workflow.equals(definition.qualifiedName());
        if (definition != null && !other) return definition;
        throw Problem.of(Code.SL2001, "workflow '" + workflow + "' has no revision " + revision)
                .asException();
    }

    private Optional<Definition> byContent(String name, String revision) {
        String key = name + "@" + revision;
        synchronized (compiled) {
            Definition known = compiled.get(key);
            if (known != null) return Optional.of(known);
        }
        Response source = redis.send(Command.HGET, Keys.revisions(name), revision);
        if (source == null) return Optional.empty();
        Definition definition = reader.read(source.toString());
        synchronized (compiled) {
            compiled.put(key, definition);
        }
        return Optional.of(definition);
    }
}
