package dev.sluice.store;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RunId;
import dev.sluice.store.DeadLetter.Kind;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Finding dead letters. They are filed here by {@code letters.lua} itself, as the scripts do it. */
class DeadLettersTest {
    private final RealStore store = new RealStore();
    private final DeadLetters letters = store.letters();
    private final Random random = new Random(1);

    private static String lua() {
        try (var in = DeadLettersTest.class.getResourceAsStream("/lua/letters.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DeadLetter letter(int second, Kind kind, String workflow, String tenant, Code code) {
        Partition p = store.redis.partitions.all().get(second % 2);
        String id = RunId.next(p, T0, random);
        return new DeadLetter(
                id,
                kind,
                id,
                "test",
                workflow,
                "r1",
                tenant,
                Priority.NORMAL,
                "f",
                "/do/0/x",
                3,
                Problem.of(code, "it does not work"),
                T0,
                T0.plusSeconds(second),
                "",
                List.of());
    }

    private void file(DeadLetter letter) {
        Partition p = RunId.partition(letter.id()).orElseThrow();
        store.redis.send(
                Command.EVAL,
                lua() + "letters(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2])",
                3,
                Keys.deadLetters(p),
                Keys.deadIndex(p),
                Keys.deadCounts(p),
                letter.id(),
                letter.encode());
    }

    /** So many copies of the letter, a second apart, under ids of their own. */
    private void fileMany(DeadLetter letter, int count) {
        Partition p = RunId.partition(letter.id()).orElseThrow();
        store.redis.send(
                Command.EVAL,
                lua() + """
                        local record = cjson.decode(ARGV[2])
                        for i = 1, ARGV[3] do
                          record.at = record.at + 1000
                          local id = string.sub(ARGV[1], 1, -9) .. string.format('%08d', i)
                          letters(KEYS[1], KEYS[2], KEYS[3], id, cjson.encode(record))
                        end""",
                3,
                Keys.deadLetters(p),
                Keys.deadIndex(p),
                Keys.deadCounts(p),
                letter.id(),
                letter.encode(),
                count);
    }

    private List<DeadLetter> five() {
        var five = List.of(
                letter(0, Kind.STEP, "a", "t1", Code.SL4012),
                letter(1, Kind.STEP, "b", "t2", Code.SL4012),
                letter(2, Kind.POISON, "a", "t1", Code.SL4014),
                letter(3, Kind.STEP, "a", "t2", Code.SL4013),
                letter(4, Kind.STEP, "b", "", Code.SL4012));
        five.forEach(this::file);
        return five;
    }

    private List<Integer> found(List<DeadLetter> all, String filter) {
        return letters.latest(LetterQuery.of(json(filter)), Optional.empty(), 99).letters().stream()
                .map(all::indexOf)
                .toList();
    }

    @Test
    void lettersAreFoundByEachOfTheirFacetsAndByTheirTime() {
        var all = five();
        assertThat(found(all, "{}")).containsExactly(4, 3, 2, 1, 0);
        assertThat(found(all, "{kind: 'poison'}")).containsExactly(2);
        assertThat(found(all, "{workflow: 'test.a'}")).containsExactly(3, 2, 0);
        assertThat(found(all, "{workflow: 'a'}")).containsExactly(3, 2, 0);
        assertThat(found(all, "{code: 'SL4012', tenant: 't2'}")).containsExactly(1);
        assertThat(found(all, "{function: 'g'}")).isEmpty();
        assertThat(found(all, "{from: '2026-01-01T00:00:01Z', until: '2026-01-01T00:00:03Z'}"))
                .containsExactly(2, 1);
        assertThat(found(all, "{kind: 'step', from: '2026-01-01T00:00:03Z'}")).containsExactly(4, 3);
        assertThat(letters.counts().get("workflow")).isEqualTo(Map.of("test.a", 3L, "test.b", 2L));
        assertThat(letters.counts().get("tenant")).isEqualTo(Map.of("t1", 2L, "t2", 2L));
    }

    @Test
    void whatWasFiledIsReadAsItWas() {
        var all = five();
        assertThat(letters.find(all.get(2).id())).contains(all.get(2));
    }

    @Test
    void filingALetterAgainReplacesIt() {
        DeadLetter first = letter(0, Kind.STEP, "a", "t", Code.SL4012);
        file(first);
        DeadLetter later = new DeadLetter(
                first.id(),
                Kind.POISON,
                first.run(),
                "test",
                "a",
                "r1",
                "t",
                Priority.HIGH,
                "f",
                "/do/0/x",
                4,
                Problem.of(Code.SL4014, "lost"),
                T0,
                T0.plusSeconds(9),
                "",
                List.of());
        file(later);
        assertThat(letters.latest(LetterQuery.ANY, Optional.empty(), 9).letters())
                .containsExactly(later);
        assertThat(letters.counts().get("kind")).isEqualTo(Map.of("poison", 1L));
    }

    @Test
    void pagesFollowEachOtherWithoutAGapInBothDirections() {
        fileMany(letter(0, Kind.STEP, "a", "t", Code.SL4012), 450);
        fileMany(letter(1, Kind.STEP, "b", "t", Code.SL4012), 450);
        for (boolean latestFirst : List.of(true, false)) {
            for (String filter : List.of("{}", "{kind: 'step'}", "{workflow: 'test.a', tenant: 't'}")) {
                var seen = walk(LetterQuery.of(json(filter)), latestFirst);
                int expected = filter.contains("a'") ? 450 : 900;
                assertThat(seen)
                        .extracting(DeadLetter::id)
                        .doesNotHaveDuplicates()
                        .hasSize(expected);
                var times = seen.stream().map(DeadLetter::at).toList();
                var order = latestFirst
                        ? java.util.Comparator.<java.time.Instant>reverseOrder()
                        : java.util.Comparator.<java.time.Instant>naturalOrder();
                assertThat(times).isSortedAccordingTo(order);
            }
        }
    }

    private List<DeadLetter> walk(LetterQuery query, boolean latestFirst) {
        var seen = new ArrayList<DeadLetter>();
        Optional<String> cursor = Optional.empty();
        do {
            var page = latestFirst ? letters.latest(query, cursor, 37) : letters.oldest(query, cursor, 37);
            seen.addAll(page.letters());
            cursor = page.next();
        } while (cursor.isPresent());
        return seen;
    }

    @Test
    void whatIsNoCursorIsRefused() {
        assertThatThrownBy(() -> letters.latest(LetterQuery.ANY, Optional.of("x"), 9))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(letters.find("no id")).isEmpty();
    }

    /** 20,000 letters of which 20 are meant: found by the facet that they alone have. */
    @Test
    void aFewAmongManyAreFoundWithoutLookingAtTheOthers() {
        fileMany(letter(0, Kind.STEP, "a", "t", Code.SL4012), 10_000);
        fileMany(letter(1, Kind.STEP, "a", "t", Code.SL4012), 10_000);
        IntStream.range(0, 20).forEach(i -> file(letter(i, Kind.STEP, "a", "rare", Code.SL4012)));
        store.redis.sendToEach(Command.CONFIG, "RESETSTAT");
        long from = System.nanoTime();
        var page = letters.latest(LetterQuery.of(json("{kind: 'step', tenant: 'rare'}")), Optional.empty(), 50);
        var plain = letters.latest(LetterQuery.ANY, Optional.empty(), 50);
        long millis = (System.nanoTime() - from) / 1_000_000;
        assertThat(page.letters()).hasSize(20);
        assertThat(page.next()).isEmpty();
        assertThat(plain.letters()).hasSize(50);
        assertThat(calls())
                .as("records that were read; both pages took %d ms", millis)
                .isLessThan(500);
    }

    private long calls() {
        return store.redis.count("hget");
    }
}
