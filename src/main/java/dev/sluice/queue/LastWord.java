package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.ProblemException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What Redis said last of things that seldom change and that many runs need: it stands while the server that has them
 * is away, when nobody could change them either.
 *
 * @param <T> an answer; not null
 */
public final class LastWord<T> {
    /** 4,096: more names than a deployment has workflows, and a few hundred KB. */
    private static final int KNOWN_MAX = 4_096;

    private final Map<String, T> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > KNOWN_MAX;
        }
    };

    /**
     * The answer of Redis, or the last one to the same question.
     *
     * @throws ProblemException SL2016 when Redis does not answer and never did
     */
    public T ask(String question, Supplier<T> redis) {
        try {
            T answer = redis.get();
            synchronized (known) {
                known.put(question, answer);
            }
            return answer;
        } catch (ProblemException e) {
            if (!e.problem().code().equals(Code.SL2016.name())) throw e;
            synchronized (known) {
                T last = known.get(question);
                if (last == null) throw e;
                return last;
            }
        }
    }
}
