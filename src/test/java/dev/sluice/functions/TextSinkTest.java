package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import org.junit.jupiter.api.Test;

class TextSinkTest {
    @Test
    void whatDoesNotFitIsCutBetweenWholeCharacters() throws Exception {
        TextSink sink = new TextSink(4);
        sink.put("abc😀");
        assertThat(sink).hasToString("abc");
        assertThat(sink.truncated()).isTrue();
    }

    @Test
    void aTextThatJustFitsIsFullButNotTruncated() throws Exception {
        TextSink sink = new TextSink(3);
        sink.put("abc");
        assertThat(sink.isFull()).isTrue();
        assertThat(sink.truncated()).isFalse();
    }

    @Test
    void aReaderThatWasGivenUpOnEndsAtItsNextWrite() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> new TextSink(3).put("a")).isInstanceOf(InterruptedIOException.class);
        } finally {
            Thread.interrupted();
        }
    }
}
