package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.TaskQueue;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Deployed workflow documents, all revisions of them: a run stays on the one that it started with. */
@ApplicationScoped
public class Definitions {
    /** 256 compiled revisions: a few MB; more than any deployment has in flight at once. */
    private static final int COMPILED_MAX = 256;

    private final RedisLink redis;
    private final Partitions partitions;
    private final TaskQueue tasks;
    private final DefinitionReader reader = new DefinitionReader();
    private final Map<String, Definition> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Definition> eldest) {
            return size() > COMPILED_MAX;
        }
    };

    Definitions(RedisLink redis, Partitions partitions, TaskQueue tasks) {
        this.redis = redis;
        this.partitions = partitions;
        this.tasks = tasks;
    }

    /**
     * Makes {@code source} the latest revision of its workflow. Runs in flight are not touched. Repeating it changes
     * nothing.
     *
     * @throws dev.sluice.workflow.ProblemException SL3001 or SL3002, with all problems
     */
    public Definition deploy(String source) {
        Definition definition = reader.read(source);
        for (String function : definition.functions()) {
            for (Partition partition : partitions.all()) tasks.open(partition, function);
            redis.send(Command.SADD, Keys.functions(), function);
        }
        redis.send(Command.HSET, Keys.revisions(definition.name()), definition.revision(), source);
        redis.send(Command.HSET, Keys.workflows(), definition.name(), definition.revision());
        return definition;
    }

    /** The latest revision. */
    public Optional<Definition> latest(String workflow) {
        Response revision = redis.send(Command.HGET, Keys.workflows(), workflow);
        return revision == null ? Optional.empty() : Optional.of(revision(workflow, revision.toString()));
    }

    /** The latest revision of every workflow, by name. */
    public List<Definition> all() {
        var definitions = new ArrayList<Definition>();
        for (Response name : redis.send(Command.HKEYS, Keys.workflows())) {
            latest(name.toString()).ifPresent(definitions::add);
        }
        definitions.sort(java.util.Comparator.comparing(Definition::name));
        return definitions;
    }

    /** @throws dev.sluice.workflow.ProblemException SL2001 when it was never deployed */
    public Definition revision(String workflow, String revision) {
        String key = workflow + "@" + revision;
        synchronized (compiled) {
            Definition known = compiled.get(key);
            if (known != null) return known;
        }
        Response source = redis.send(Command.HGET, Keys.revisions(workflow), revision);
        if (source == null) {
            throw Problem.of(Code.SL2001, "workflow '" + workflow + "' has no revision " + revision)
                    .asException();
        }
        Definition definition = reader.read(source.toString());
        synchronized (compiled) {
            compiled.put(key, definition);
        }
        return definition;
    }
}
