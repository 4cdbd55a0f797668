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

    private Body() {}

    /** @throws dev.sluice.workflow.ProblemException SL2004 with line and column */
    static JsonNode json(byte[] body) {
        if (body == null) throw empty();
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
