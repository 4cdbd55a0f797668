package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers one answer, bounded while it comes in: beyond its bound the connection is closed, and an answer above 1 MiB
 * waits, unread, while the large ones together have used up their share of the memory.
 */
final class AnswerReader {
    /** 64 MiB: an answer is held in memory until it is stored; what is larger belongs behind a reference. */
    static final int ANSWER_BYTES_MAX = 64 << 20;

    /** 64 KiB of an error: 2,000 characters of it are shown, and nobody pays to read the rest. */
    static final int ERROR_BYTES_MAX = 64 << 10;

    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final LargeAnswers.Share share;
    private final Promise<Http.Answer> whole = Promise.promise();
    private final List<Buffer> chunks = new ArrayList<>(1);
    /** Of {@link #chunks}. */
    private int length;

    private AnswerReader(HttpClientRequest request, HttpClientResponse response, LargeAnswers large) {
        this.request = request;
        this.response = response;
        this.share = large.share(response::pause, response::resume);
    }

    /**
     * @return the answer, its body cut at 64 KiB when its status is no 2xx; or what its connection failed with, as
     *     {@link BrokenOffException}; or SL4013 above 64 MiB, SL4042 for a status that is no answer
     */
    static Future<Http.Answer> read(HttpClientRequest request, HttpClientResponse response, LargeAnswers large) {
        var reader = new AnswerReader(request, response, large);
        reader.start();
        return reader.whole.future();
    }

    private void start() {
        if (response.statusCode() < 200) {
            fail(Unanswered.noHttp("it answered status " + response.statusCode() + ", which ends no exchange"));
        } else if (isOutput() && declaredLength() > ANSWER_BYTES_MAX) {
            fail(tooLarge("declares " + declaredLength() + " bytes"));
        } else {
            response.exceptionHandler(e -> fail(new BrokenOffException(length, e)));
            response.handler(this::add);
            response.endHandler(end -> succeed());
        }
    }

    private boolean isOutput() {
        return response.statusCode() / 100 == 2;
    }

    /** 0 when it declares none; what is no number never gets here. */
    private long declaredLength() {
        String declared = response.getHeader("content-length");
        return declared == null ? 0 : Long.parseLong(declared);
    }

    private void add(Buffer chunk) {
        if (whole.future().isComplete()) return;
        if (isOutput() && chunk.length() > ANSWER_BYTES_MAX - length) {
            fail(tooLarge("has sent " + (length + (long) chunk.length()) + " bytes and goes on"));
            return;
        }
        chunks.add(chunk);
        length += chunk.length();
        if (!isOutput() && length >= ERROR_BYTES_MAX) {
            succeed();
            request.reset();
            return;
        }
        share.grow(length);
    }

    private void succeed() {
        var answer = new Http.Answer(response.statusCode(), response.headers(), body(), share::end);
        chunks.clear();
        if (!whole.tryComplete(answer)) share.end();
    }

    private byte[] body() {
        if (chunks.size() == 1) return chunks.getFirst().getBytes();
        byte[] body = new byte[length];
        int at = 0;
        for (Buffer chunk : chunks) {
            chunk.getBytes(body, at);
            at += chunk.length();
        }
        return body;
    }

    private void fail(Exception problem) {
        chunks.clear();
        share.end();
        if (whole.tryFail(problem)) request.reset();
    }

    private static ProblemException tooLarge(String how) {
        return Problem.of(
                        Code.SL4013,
                        "the answer " + how + ", and " + (ANSWER_BYTES_MAX >> 20)
                                + " MiB is the most; store it and answer with a reference")
                .asException();
    }

    /** The connection failed after the head of the answer had come. */
    static final class BrokenOffException extends Exception {
        private static final long serialVersionUID = 1;

        /** Of the body. */
        final int bytes;

        BrokenOffException(int bytes, Throwable cause) {
            super(cause);
            this.bytes = bytes;
        }
    }
}
