package dev.sluice.dispatch;

import static dev.sluice.faults.RawFunction.breakingOffAfter;
import static dev.sluice.faults.RawFunction.fallingSilentAfter;
import static dev.sluice.faults.RawFunction.http;
import static dev.sluice.faults.RawFunction.saying;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.faults.RawFunction;
import dev.sluice.faults.RawFunction.Misdeed;
import dev.sluice.queue.RealRedis;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions that break the rules of HTTP, or their connection: what the attempt is told, and what stays behind. */
class MisfitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String OK = http(200, "", "{}");
    private static final String HEAD = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = HEAD + "transfer-encoding: chunked\r\n\r\n";

    private final LargeAnswers large = new LargeAnswers(8 << 20);
    private final Http http = new Http(RealRedis.VERTX, large);

    @AfterEach
    void close() {
        http.close();
    }

    private Http.Answer post(URI url, Duration timeout) {
        return http.post(url, Map.of("ce-id", "1"), "{}".getBytes(StandardCharsets.UTF_8), timeout);
    }

    private Problem failure(URI url, Duration timeout) {
        return catchThrowableOfType(ProblemException.class, () -> post(url, timeout))
                .problem();
    }

    private Problem failure(Misdeed misdeed) {
        try (var function = new RawFunction(misdeed)) {
            Problem problem = failure(function.url(), PATIENCE);
            await().untilAsserted(() -> assertThat(function.open).hasValue(0));
            return problem;
        }
    }

    private static Arguments does(String name, Misdeed misdeed) {
        return arguments(name, misdeed);
    }

    static Stream<Arguments> noHttp() {
        return Stream.of(
                does("another protocol", fallingSilentAfter("SSH-2.0-OpenSSH_9.2\r\n")),
                does("words", saying("HELLO WORLD\r\n\r\n")),
                does("a length in words", saying(HEAD + "content-length: many\r\n\r\n{}")),
                does("a length below 0", saying(HEAD + "content-length: -1\r\n\r\n{}")),
                does("two lengths", saying(HEAD + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}")),
                does(
                        "a length and chunks",
                        saying(HEAD + "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n")),
                does("a chunk of size zz", saying(CHUNKED + "zz\r\n{}\r\n0\r\n\r\n")),
                does("a header without a colon", saying(http(200, "foo\r\n", "{}"))),
                does("a header with NUL", saying(http(200, "foo: a\u0000b\r\n", "{}"))),
                does("lines without CR", saying("HTTP/1.1 200 OK\ncontent-length: 2\n\n{}")),
                does("a switch of protocols", saying("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noHttp")
    void whatIsNoHttpIsToldAsSuchAndItsConnectionClosed(String name, Misdeed misdeed) {
        Problem problem = failure(misdeed);
        assertThat(problem.code()).isEqualTo("SL4042");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.detail()).hasSizeBetween(30, 500);
    }

    static Stream<Arguments> brokenOff() {
        return Stream.of(
                does("before any byte", breakingOffAfter("")),
                does("bytes that are no line", breakingOffAfter("\u0000\u0001\u00ff")),
                does("in the status line", breakingOffAfter("HTTP/1.1 20")),
                does("in the headers", breakingOffAfter(HEAD + "content-le")),
                does("before the body", breakingOffAfter(HEAD + "content-length: 10\r\n\r\n")),
                does("in the body", breakingOffAfter(HEAD + "content-length: 10\r\n\r\n{}")),
                does("in a chunk", breakingOffAfter(CHUNKED + "5\r\n{}")),
                does("before the last chunk", breakingOffAfter(CHUNKED + "2\r\n{}\r\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenOff")
    void aConnectionClosedTooEarlySaysThatTheWorkMayBeDone(String name, Misdeed misdeed) {
        Problem problem = failure(misdeed);
        assertThat(problem.code()).isEqualTo("SL4043");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.detail()).contains("the function closed the connection");
    }

    @Test
    void whatCameBeforeTheBreakIsCounted() {
        assertThat(failure(breakingOffAfter(HEAD + "content-length: 10\r\n\r\n{}"))
                        .detail())
                .contains("after 2 bytes of the body");
    }

    static Stream<Arguments> headersTooLarge() {
        String line = "x: " + "h".repeat(97) + "\r\n";
        return Stream.of(
                does("one of 1 MiB", saying(http(200, "x: " + "h".repeat(1 << 20) + "\r\n", "{}"))),
                does("10,000 of 100 bytes", saying(http(200, line.repeat(10_000), "{}"))),
                does("the status line", saying("HTTP/1.1 200 " + "x".repeat(1 << 20) + "\r\n\r\n")),
                does("after the last chunk", saying(CHUNKED + "2\r\n{}\r\n0\r\n" + line.repeat(10_000) + "\r\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headersTooLarge")
    void headersOf1MegabyteFailForGoodAndSayWhatIsTooLarge(String name, Misdeed misdeed) {
        Problem problem = failure(misdeed);
        assertThat(problem.code()).isEqualTo("SL4013");
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.detail()).contains("is larger than").hasSizeLessThan(300);
    }

    static Stream<Arguments> silent() {
        return Stream.of(
                does("at once", fallingSilentAfter("")),
                does("in the headers", fallingSilentAfter(HEAD)),
                does("in the body", fallingSilentAfter(HEAD + "content-length: 10\r\n\r\n{")),
                does("before the last chunk", fallingSilentAfter(CHUNKED + "2\r\n{}\r\n")),
                does("in frames of HTTP/2", fallingSilentAfter("\u0000\u0000\u0000\u0004\u0000\u0000")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("silent")
    void silenceEndsWithTheTimeoutAndTheConnection(String name, Misdeed misdeed) {
        try (var function = new RawFunction(misdeed)) {
            Problem problem = failure(function.url(), Duration.ofMillis(300));
            assertThat(problem.code()).isEqualTo("SL4011");
            assertThat(problem.detail()).endsWith("within 300 ms");
            await().untilAsserted(() -> assertThat(function.open).hasValue(0));
        }
    }

    /** A byte every 20 ms keeps any time limit between two bytes from ending it. */
    @Test
    void anAnswerThatDripsEndsWithTheTimeout() {
        try (var function = new RawFunction((request, out, in) -> {
            out.write((HEAD + "content-length: 100000\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                out.write(' ');
                out.flush();
                pause(in);
            }
        })) {
            assertThat(failure(function.url(), Duration.ofMillis(500)).code()).isEqualTo("SL4011");
            await().untilAsserted(() -> assertThat(function.open).hasValue(0));
        }
    }

    private static void pause(InputStream in) throws IOException {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        if (in.available() < 0) throw new IOException("closed");
    }

    static Stream<Arguments> odd() {
        return Stream.of(
                does("without a length, until the close", breakingOffAfter(HEAD + "\r\n{}")),
                does("HTTP/1.0", breakingOffAfter("HTTP/1.0 200 OK\r\n\r\n{}")),
                does("after 100 Continue", saying("HTTP/1.1 100 Continue\r\n\r\n" + OK)),
                does("after 103 Early Hints", saying("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK)),
                does("in chunks of one byte", saying(CHUNKED + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")),
                does("a header over two lines", saying(http(200, "foo: a\r\n b\r\n", "{}"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("odd")
    void whatIsOddButAllowedIsTaken(String name, Misdeed misdeed) {
        try (var function = new RawFunction(misdeed);
                var answer = post(function.url(), PATIENCE)) {
            assertThat(answer.body()).asString().isEqualTo("{}");
        }
    }

    @Test
    void aSecondAnswerIsNeverTakenForTheAnswerToAnotherRequest() throws Exception {
        Misdeed twice = (request, out, in) -> {
            String answer = http(200, "", request.header("ce-id"));
            out.write((answer + answer).getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return true;
        };
        try (var function = new RawFunction(twice);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = IntStream.range(0, 400)
                    .mapToObj(i -> threads.submit(() -> echoed(function, i)))
                    .toList();
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).get()).isIn(String.valueOf(i), "SL4042", "SL4043");
            }
        }
    }

    private String echoed(RawFunction function, int id) {
        try (var answer = http.post(function.url(), Map.of("ce-id", "" + id), new byte[0], PATIENCE)) {
            return new String(answer.body(), StandardCharsets.UTF_8);
        } catch (ProblemException e) {
            return e.problem().code();
        }
    }

    @Test
    void aBodyThatDeclaresMoreThanTheLimitIsNotRead() {
        var written = new AtomicLong();
        var problem = failure((request, out, in) -> flood(out, written, "content-length: 209715200\r\n\r\n", false));
        assertThat(problem.code()).isEqualTo("SL4013");
        assertThat(problem.detail()).contains("declares 209715200 bytes").contains("64 MiB is the most");
        assertThat(written.get()).isLessThan(20 << 20);
    }

    @Test
    void aBodyOf200MegabytesIsReadToTheLimitAndNoFurther() {
        var written = new AtomicLong();
        var problem = failure((request, out, in) -> flood(out, written, "transfer-encoding: chunked\r\n\r\n", true));
        assertThat(problem.code()).isEqualTo("SL4013");
        assertThat(problem.retryable()).isFalse();
        assertThat(written.get()).isBetween(64L << 20, 100L << 20);
        assertThat(large.used()).isZero();
    }

    /** 200 MiB, a MiB at a time. */
    private static boolean flood(OutputStream out, AtomicLong written, String header, boolean chunked)
            throws IOException {
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) ' ');
        out.write((HEAD + header).getBytes(StandardCharsets.ISO_8859_1));
        for (int i = 0; i < 200; i++) {
            if (chunked) out.write("100000\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.write(block);
            if (chunked) out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            written.addAndGet(block.length);
        }
        return false;
    }

    @Test
    void ofAnErrorNoMoreIsReadThanIsShown() {
        var written = new AtomicLong();
        Misdeed misdeed = (request, out, in) -> {
            out.write("HTTP/1.1 503 Busy\r\ncontent-length: 209715200\r\nX: ".getBytes(StandardCharsets.ISO_8859_1));
            return flood(out, written, "content-type: text/plain\r\n\r\n", false);
        };
        try (var function = new RawFunction(misdeed);
                var answer = post(function.url(), PATIENCE)) {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).hasSizeBetween(AnswerReader.ERROR_BYTES_MAX, 2 * AnswerReader.ERROR_BYTES_MAX);
            await().untilAsserted(() -> assertThat(function.open).hasValue(0));
            assertThat(written.get()).isLessThan(20 << 20);
        }
    }

    /** 72 MiB in all, where 8 have room, beside the 12 of the oldest and the first of each. */
    @Test
    void manyLargeAnswersAtOnceTakeTurnsInMemory() throws Exception {
        int size = 12 << 20;
        Misdeed much = saying(http(200, "", " ".repeat(size)));
        var most = new AtomicLong();
        try (var function = new RawFunction(much);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = IntStream.range(0, 6)
                    .mapToObj(i -> threads.submit(() -> {
                        try (var answer = post(function.url(), PATIENCE)) {
                            most.accumulateAndGet(large.used(), Math::max);
                            return answer.body().length;
                        }
                    }))
                    .toList();
            for (var call : calls) assertThat(call.get()).isEqualTo(size);
        }
        assertThat(most.get()).isBetween(12L << 20, 28L << 20);
        assertThat(large.used()).isZero();
    }

    @Test
    void aLargeAnswerThatIsGivenUpWhileItWaitsGivesItsRoomBack() {
        var holder = large.share(() -> {}, () -> {});
        holder.grow(16 << 20);
        byte[] body = new byte[4 << 20];
        try (var function = new RawFunction(saying(http(200, "", new String(body, StandardCharsets.ISO_8859_1))))) {
            assertThat(failure(function.url(), Duration.ofMillis(500)).code()).isEqualTo("SL4011");
            await().untilAsserted(() -> assertThat(large.used()).isEqualTo(16 << 20));
            await().untilAsserted(() -> assertThat(function.open).hasValue(0));
        }
        holder.end();
        assertThat(large.used()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "http://no-such-function.invalid/, SL4040, no-such-function.invalid",
        "http://127.0.0.1:1/, SL4010, Connection refused",
        "https://127.0.0.1:1/, SL4010, Connection refused"
    })
    void whatCannotBeReachedIsToldApart(URI url, String code, String reason) {
        Problem problem = failure(url, PATIENCE);
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.detail()).contains(reason);
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void plainHttpBehindAnHttpsAddressIsAFailureOfTls() {
        try (var function = RawFunction.greeting("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            var url = URI.create(function.url().toString().replace("http:", "https:"));
            assertThat(failure(url, PATIENCE).code()).isEqualTo("SL4041");
            assertThat(failure(url, PATIENCE).detail()).contains("not an SSL/TLS record");
        }
    }

    @Test
    void aServerThatNeverShakesHandsEndsWithTheTimeout() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var url = URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/");
            assertThat(failure(url, Duration.ofMillis(300)).code()).isEqualTo("SL4011");
        }
    }

    @Test
    void noThreadStaysBehindHoweverACallEnded() {
        for (Misdeed misdeed : List.of(breakingOffAfter(""), saying("no\r\n\r\n"), fallingSilentAfter(""))) {
            try (var function = new RawFunction(misdeed)) {
                int before = Thread.activeCount();
                for (int i = 0; i < 20; i++) failure(function.url(), Duration.ofMillis(50));
                assertThat(Thread.activeCount()).isLessThanOrEqualTo(before + 2);
            }
        }
    }
}
