package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Reads txt, md, html, pdf, docx, csv and eml. What cannot be read becomes a problem that a person understands; no
 * document can take more than a bounded amount of time, memory and processors. Nothing outside the document is ever
 * fetched.
 */
@ApplicationScoped
class DocumentReader {
    /**
     * 1 MiB characters, some 500 pages: no model reads more in one call, and the text is copied to every later step.
     */
    static final int TEXT_CHARACTERS_MAX = 1 << 20;

    /** 32 MiB: what a mail server lets through, and a few of them fit into a worker of 512 MiB. */
    static final int DOCUMENT_BYTES_MAX = 32 << 20;

    /** Long enough for 32 MiB of PDF on a slow core, short enough that nobody believes the run is dead. */
    static final Duration PARSE_DURATION_MAX = Duration.ofSeconds(60);

    private static final Logger LOG = Logger.getLogger(DocumentReader.class);

    private final Duration parseDurationMax;
    private final PdfReader pdfs = new PdfReader();

    /** Reading keeps a processor busy, so more at once than there are processors only makes all of them late. */
    private final Semaphore processors;

    DocumentReader() {
        this(PARSE_DURATION_MAX, Runtime.getRuntime().availableProcessors());
    }

    DocumentReader(Duration parseDurationMax, int parsesAtOnceMax) {
        this.parseDurationMax = parseDurationMax;
        this.processors = new Semaphore(parsesAtOnceMax, true);
    }

    /**
     * Blocks until the document is read; call it on a virtual thread.
     *
     * @param name shown to people; its ending is a hint to the kind
     * @param mediaType as declared by the sender, or empty
     * @throws ProblemException SL4001 to SL4006, or SL4011 (retryable) when it took longer than
     *     {@link #PARSE_DURATION_MAX}
     */
    DocumentText read(String name, String mediaType, byte[] bytes) {
        if (bytes.length > DOCUMENT_BYTES_MAX) {
            throw tooLarge(name).asException();
        }
        if (bytes.length == 0) {
            throw problem(Code.SL4005, name, "is empty. Check that it was saved and uploaded completely.")
                    .asException();
        }
        DocumentText document = parseInTime(name, mediaType, bytes);
        if (document.text().isBlank()) throw noText(name, document).asException();
        return document;
    }

    static Problem tooLarge(String name) {
        return problem(
                Code.SL4006,
                name,
                "is larger than " + (DOCUMENT_BYTES_MAX >> 20) + " MiB. Split it, or send only the part that matters.");
    }

    /** @param what a clause and a sentence: what is wrong, what to do */
    static Problem problem(Code code, String name, String what) {
        return Problem.of(code, "The document '" + name + "' " + what);
    }

    private static Problem noText(String name, DocumentText document) {
        boolean pdf = document.mediaType().equals(DocumentKind.PDF.mediaType());
        String what = pdf
                ? "holds no text, only images or empty pages. Run it through text recognition (OCR) first."
                : "holds nothing but white space. Check that it is the right file.";
        return problem(Code.SL4005, name, what);
    }

    private DocumentText parseInTime(String name, String mediaType, byte[] bytes) {
        CompletableFuture<DocumentText> parsed = new CompletableFuture<>();
        try {
            if (!processors.tryAcquire(parseDurationMax.toMillis(), TimeUnit.MILLISECONDS)) {
                throw problem(Code.SL4011, name, "had to wait too long for others to be read. It is tried again.")
                        .retry()
                        .asException();
            }
            Thread parser = startParser(name, mediaType, bytes, parsed);
            try {
                return parsed.get(parseDurationMax.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                parser.interrupt();
                throw problem(
                                Code.SL4011,
                                name,
                                "could not be read within " + parseDurationMax.toSeconds()
                                        + " s. It is tried again; if that fails, too, split it or export it as text.")
                        .retry()
                        .asException();
            } catch (InterruptedException e) {
                parser.interrupt();
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(
                    problem(Code.SL4011, name, "was not read to its end, because this worker is stopping.")
                            .retry(),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException problem) throw problem;
            if (e.getCause() instanceof LinkageError defect) throw defect;
            LOG.debugf(e.getCause(), "document=%s cannot be read", name);
            throw new ProblemException(damaged(name), e.getCause());
        }
    }

    /**
     * A platform thread of its own; its place is free again when it really ends, not when somebody stops waiting for
     * it.
     */
    private Thread startParser(String name, String mediaType, byte[] bytes, CompletableFuture<DocumentText> parsed) {
        try {
            return Thread.ofPlatform().name("sluice-parse").daemon().start(() -> {
                try {
                    parsed.complete(parse(name, mediaType, bytes));
                } catch (OutOfMemoryError e) {
                    parsed.completeExceptionally(
                            problem(Code.SL4004, name, "needs more memory than this worker has. Split it.")
                                    .asException());
                } catch (Exception | StackOverflowError | LinkageError e) {
                    parsed.completeExceptionally(e);
                } finally {
                    processors.release();
                }
            });
        } catch (OutOfMemoryError noThread) {
            processors.release();
            throw noThread;
        }
    }

    private DocumentText parse(String name, String mediaType, byte[] bytes) throws IOException {
        DocumentKind kind = DocumentKind.of(name, mediaType, bytes);
        return switch (kind) {
            case PDF -> pdfs.read(name, bytes);
            case DOCX -> WordReader.read(name, bytes);
            case HTML -> HtmlReader.read(bytes);
            case MAIL -> MailReader.read(bytes);
            case MARKDOWN, CSV, TEXT -> PlainReader.read(bytes, kind);
        };
    }

    private static Problem damaged(String name) {
        return problem(
                Code.SL4003,
                name,
                "is damaged: its content breaks off or contradicts itself. Open it, save it again, send the copy.");
    }
}
