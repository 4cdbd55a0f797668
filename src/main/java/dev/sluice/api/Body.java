package dev.sluice.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads JSON that a person or a foreign program sent. */
final class Body {
    private static final ObjectMapper STRICT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * 8 MiB: a tree takes some ten times as much memory as its text; larger content is uploaded and goes by reference.
     */
    static final int BYTES_MAX = 8 << 20;

    private Body() {}

    /** @throws dev.sluice.workflow.ProblemException SL2004 with line and column, SL2006 */
    static JsonNode json(byte[] body) {
        if (body == null) throw empty();
        if (body.length > BYTES_MAX) {
            throw Problem.of(
                            Code.SL2006,
                            "the body has " + body.length + " bytes; JSON may have " + BYTES_MAX
                                    + " (8 MiB). Upload larger content as a file.")
                    .asException();
        }
        try {
            JsonNode json = STRICT.readTree(body);
            // What is nothing but white space has no JSON in it either.
            if (json.isMissingNode()) throw empty();
            return json;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String place = at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
            throw Problem.of(Code.SL2004, place + e.getOriginalMessage()).asException();
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    private static ProblemException empty() {
        return Problem.of(Code.SL2004, "the body is empty. Send JSON; a run without input takes {}.")
                .asException();
    }
}
