package dev.sluice.functions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;

/**
 * A JSON object that a step was given, read with clear refusals.
 *
 * @param function who asks, for the messages
 * @param pointer where in the input this object stands, "" for the input itself
 */
record StepInput(String function, String pointer, JsonNode object) {
    /** Refuses what follows the object: somebody sent something else than was meant. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** @throws ProblemException SL4008 when the bytes are not a JSON object */
    static StepInput parse(String function, byte[] data) {
        if (data == null || data.length == 0) {
            throw notValid(function, "got no input; it expects a JSON object.").asException();
        }
        JsonNode json;
        try {
            json = JSON.readTree(data);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new ProblemException(notValid(function, "got input that is not JSON" + where + "."), e);
        } catch (IOException e) {
            throw new ProblemException(notValid(function, "got input that is not readable as JSON."), e);
        }
        if (json == null || !json.isObject()) {
            throw notValid(function, "got a JSON " + kindOf(json) + "; it expects an object.")
                    .asException();
        }
        return new StepInput(function, "", json);
    }

    /** @throws ProblemException SL4008 when the member is missing or no object */
    StepInput object(String name) {
        JsonNode member = object.path(name);
        if (!member.isObject()) throw expected(name, "an object", member);
        return new StepInput(function, pointer + "/" + name, member);
    }

    /** @throws ProblemException SL4008 when the member is missing, blank or no string */
    String text(String name) {
        JsonNode member = object.path(name);
        if (!member.isTextual() || member.asText().isBlank()) throw expected(name, "a text that is not blank", member);
        return member.asText();
    }

    /** @throws ProblemException SL4008 when the member is there and neither null nor a string */
    String text(String name, String otherwise) {
        JsonNode member = object.path(name);
        if (member.isMissingNode() || member.isNull()) return otherwise;
        if (!member.isTextual()) throw expected(name, "a text", member);
        return member.asText();
    }

    boolean has(String name) {
        return object.hasNonNull(name);
    }

    private ProblemException expected(String name, String what, JsonNode found) {
        String text = "expects " + what + " at " + pointer + "/" + name + " of its input, found " + kindOf(found)
                + ". Check the step's 'with' and the input of the run.";
        return notValid(function, text).asException();
    }

    private static Problem notValid(String function, String what) {
        return Problem.of(Code.SL4008, "The function '" + function + "' " + what);
    }

    private static String kindOf(JsonNode node) {
        if (node == null || node.isMissingNode()) return "nothing";
        if (node.isTextual() && node.asText().isBlank()) return "a blank text";
        return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }
}
