package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Time must not explode with odd texts. The bounds are wide, because builds share their machine. */
class OfflineSpeedTest {
    private static final JsonNode EVERYTHING = Texts.json("""
            {'type': 'object', 'properties': {
              'label': {'enum': ['invoice', 'contract', 'letter', 'email', 'report', 'manual', 'licence',
                'changelog', 'other']},
              'confidence': {'type': 'number'}, 'summary': {'type': 'string'}, 'title': {'type': 'string'},
              'keyPoints': {'type': 'array', 'items': {'type': 'string'}}, 'dueDate': {'type': 'string'},
              'total': {'type': 'number'}, 'author': {'type': 'string'}, 'seller': {'type': 'string'},
              'email': {'type': 'string'}, 'url': {'type': 'string'}, 'phone': {'type': 'string'},
              'iban': {'type': 'string'}, 'invoiceNumber': {'type': 'string'}, 'risks': {'type': 'string'}}}""");

    private static Duration time(String text) {
        long started = System.nanoTime();
        OfflineModel.Reply reply = OfflineModel.complete(Texts.request(Texts.document("a", text), EVERYTHING));
        assertThat(reply.status()).isEqualTo(200);
        return Duration.ofNanos(System.nanoTime() - started);
    }

    @Test
    void fifteenThousandCharactersTakeTensOfMilliseconds() {
        String text = (Texts.CONTRACT + Texts.LETTER).repeat(20).substring(0, 15_000);
        Duration best = Duration.ofHours(1);
        for (int round = 0; round < 40; round++) {
            Duration taken = time(text);
            if (taken.compareTo(best) < 0) best = taken;
        }
        assertThat(best).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void oddTextsOfAMillionCharactersEndSoon() {
        for (String odd : new String[] {
            "a", " ", "A ", "1", "1.", "\n", "a@", "Total ", "A&", "-", "ä b. ", "{\"a\":[", "1,2\n", "A b C d. "
        }) {
            Duration taken = time(odd.repeat(1_000_000 / odd.length()));
            assertThat(taken).as("text of %s", odd).isLessThan(Duration.ofSeconds(5));
        }
    }
}
