package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Together;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Service;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Lets runs in that are asked for from outside, as long as there is room for them: a group takes no more once as much
 * waits as its depth may be, and none while Redis is nearly full. What the system does by itself does not come here.
 */
@ApplicationScoped
public class Admission {
    /** 4 partitions: when these are full, the others are or soon will be. */
    private static final int TRIES_MAX = 4;

    private final Runs runs;
    private final Partitions partitions;
    private final Room room;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();
    private final Map<Partition, Together<Start, Acceptance>> flushes = new ConcurrentHashMap<>();
    /** Whose turn it is, so that runs without a key are spread evenly. */
    private final AtomicInteger turns = new AtomicInteger();

    Admission(Runs runs, Partitions partitions, Room room, Clock clock) {
        this.runs = runs;
        this.partitions = partitions;
        this.room = room;
        this.clock = clock;
    }

    /**
     * @param key the same key of the same workflow is the same run; empty: a run of its own
     * @param cause see {@link Runs#cause}
     */
    public record Request(
            Definition workflow,
            JsonNode input,
            Optional<String> key,
            Service.Asked asked,
            Optional<ObjectNode> cause) {}

    /**
     * @param id empty when the run was refused before it had one
     * @param acceptance null when nobody knows
     * @param problem why it was refused, else empty
     */
    public record Answer(String id, Acceptance acceptance, Optional<Problem> problem) {
        private static Answer refused(Problem problem) {
            return new Answer("", Acceptance.FULL, Optional.of(problem));
        }

        /** @throws ProblemException when it was refused */
        public String idOrThrow() {
            if (problem.isPresent()) throw problem.get().asException();
            return id;
        }
    }

    /**
     * Starts a run, or finds the one that the same key started first. Starts that come at the same time go to Redis
     * together.
     *
     * @return the run; Redis has it
     * @throws ProblemException SL2011 when the input does not match the workflow's schema; SL3004
     */
    public Answer start(Request request) {
        request.workflow().checkInput(request.input());
        for (int i = 1; ; i++) {
            Partition p = partition(request, turns.getAndIncrement());
            Start start = start(request, p, clock.instant());
            Acceptance acceptance = flush(p).ask(start);
            if (!isWorthAnotherTry(request, acceptance, i)) return answer(start, p, acceptance);
        }
    }

    private Together<Start, Acceptance> flush(Partition p) {
        return flushes.computeIfAbsent(p, each -> new Together<>(Start.GROUP_MAX, starts -> send(p, starts)));
    }

    private List<Acceptance> send(Partition p, List<Start> starts) {
        var group = new Start.Group(p, starts, room.depthMax(p));
        Start.Taken taken = runs.startAll(List.of(group)).getFirst();
        room.note(group, taken);
        return taken.each();
    }

    private boolean isWorthAnotherTry(Request request, Acceptance acceptance, int tries) {
        int others = partitions.of(request.workflow().queue().group()).size();
        return acceptance == Acceptance.FULL && request.key().isEmpty() && tries < Math.min(TRIES_MAX, others);
    }

    /** The one of its key; else those of the group by turns. */
    private Partition partition(Request request, int turn) {
        Definition workflow = request.workflow();
        String group = workflow.queue().group();
        List<Partition> of = partitions.of(group);
        return request.key()
                .map(key -> partitions.forKey(group, workflow.qualifiedName() + "\n" + key))
                .orElseGet(() -> of.get(Math.floorMod(turn, of.size())));
    }

    private Start start(Request request, Partition p, Instant now) {
        Definition workflow = request.workflow();
        String id = request.key()
                .map(key -> RunId.forKey(p, workflow.qualifiedName(), key))
                .orElseGet(() -> RunId.next(p, now, random));
        var run = Machine.accept(workflow, id, request.input(), Optional.empty(), request.asked(), now);
        return new Start(run, request.cause(), request.key().isPresent());
    }

    private Answer answer(Start start, Partition p, Acceptance acceptance) {
        String id = start.run().id();
        return switch (acceptance) {
            case ACCEPTED, REPEATED -> new Answer(id, acceptance, Optional.empty());
            case OTHER_INPUT -> new Answer(id, acceptance, Optional.of(usedBefore(id)));
            case FULL -> Answer.refused(room.refusal(p));
        };
    }

    public static Problem usedBefore(String runId) {
        return Problem.of(
                Code.SL2009,
                "the key was used before for run " + runId + " with another input. Use a new key for a new input.");
    }

    /**
     * Starts many runs in as few steps of Redis as can be. One that is refused does not hold up the others.
     *
     * @return what became of each, in their order; Redis has those that were accepted
     */
    public List<Answer> startAll(List<Request> requests) {
        var answers = new Answer[requests.size()];
        var left = new ArrayList<Integer>(requests.size());
        for (int i = 0; i < answers.length; i++) {
            try {
                requests.get(i).workflow().checkInput(requests.get(i).input());
                left.add(i);
            } catch (ProblemException e) {
                answers[i] = Answer.refused(e.problem());
            }
        }
        for (int tries = 1; !left.isEmpty(); tries++) left = startSome(requests, left, answers, tries);
        return Arrays.asList(answers);
    }

    /** @return those that another partition may take */
    private ArrayList<Integer> startSome(List<Request> requests, List<Integer> which, Answer[] answers, int tries) {
        var groups = new ArrayList<Start.Group>();
        var indices = new ArrayList<List<Integer>>();
        group(requests, which, answers, groups, indices);
        if (groups.isEmpty()) return new ArrayList<>();
        List<Start.Taken> taken = runs.startAll(groups);
        var again = new ArrayList<Integer>();
        for (int g = 0; g < groups.size(); g++) {
            Start.Group group = groups.get(g);
            room.note(group, taken.get(g));
            for (int i = 0; i < group.starts().size(); i++) {
                Acceptance acceptance = taken.get(g).each().get(i);
                int index = indices.get(g).get(i);
                if (isWorthAnotherTry(requests.get(index), acceptance, tries)) again.add(index);
                else answers[index] = answer(group.starts().get(i), group.partition(), acceptance);
            }
        }
        return again;
    }

    /** Those without a key go to one partition together, the next ones to the next. */
    private void group(
            List<Request> requests,
            List<Integer> which,
            Answer[] answers,
            List<Start.Group> groups,
            List<List<Integer>> indices) {
        int turn = turns.getAndIncrement();
        Instant now = clock.instant();
        var byPartition = new LinkedHashMap<Partition, List<Integer>>();
        for (int index : which) {
            Partition p = partition(requests.get(index), turn);
            byPartition.computeIfAbsent(p, each -> new ArrayList<>()).add(index);
        }
        var bounds = new HashMap<Partition, OptionalLong>();
        byPartition.forEach((p, all) -> {
            for (int from = 0; from < all.size(); from += Start.GROUP_MAX) {
                var part = all.subList(from, Math.min(all.size(), from + Start.GROUP_MAX));
                var starts = new ArrayList<Start>(part.size());
                var started = new ArrayList<Integer>(part.size());
                for (int index : part) {
                    try {
                        starts.add(start(requests.get(index), p, now));
                        started.add(index);
                    } catch (ProblemException e) {
                        answers[index] = Answer.refused(e.problem());
                    }
                }
                if (starts.isEmpty()) continue;
                groups.add(new Start.Group(p, starts, bounds.computeIfAbsent(p, room::depthMax)));
                indices.add(started);
            }
        });
    }
}
