package dev.sluice.functions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.inference.Account;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A JSON object that a step was given, read with clear refusals.
 *
 * @param function who asks, for the messages
 * @param pointer where in the input this object stands, "" for the input itself
 * @param extensions of the request's event, such as {@code idempotencykey}; never null
 */
record StepInput(String function, String pointer, JsonNode object, Map<String, String> extensions) {
    /** Refuses what follows the object: somebody sent something else than was meant. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** @throws ProblemException SL4008 when the bytes are not a JSON object */
    static StepInput parse(String function, byte[] data, Map<String, String> extensions) {
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
        return new StepInput(function, "", json, extensions);
    }

    /**
     * On whose behalf the step is done, for calls of models. Funqy leaves extensions as they stand in the headers of
     * the HTTP binding, percent-encoded.
     */
    Account account() {
        var decoded = new HashMap<String, String>();
        extensions.forEach((name, value) -> decoded.put(name, decoded(value)));
        return Account.of(decoded);
    }

    private static String decoded(String value) {
        if (value == null || value.indexOf('%') < 0) return value;
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return value;
        }
    }

    /** @throws ProblemException SL4008 when the member is missing or no object */
    StepInput object(String name) {
        JsonNode member = object.path(name);
        if (!member.isObject()) throw expected(name, "an object", member);
        return new StepInput(function, pointer + "/" + name, member, extensions);
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

    /** @throws ProblemException SL4008 when the member is there and neither null nor a boolean */
    boolean flag(String name, boolean otherwise) {
        JsonNode member = object.path(name);
        if (member.isMissingNode() || member.isNull()) return otherwise;
        if (!member.isBoolean()) throw expected(name, "true or false", member);
        return member.asBoolean();
    }

    /**
     * @return empty when the member is missing or null
     * @throws ProblemException SL4008 when it is anything else but an array of texts
     */
    List<String> texts(String name) {
        var texts = new ArrayList<String>();
        if (!has(name)) return texts;
        if (!object.get(name).isArray()) throw expected(name, "an array of texts", object.get(name));
        for (JsonNode text : object.get(name)) {
            if (!text.isTextual()) throw expected(name, "an array of texts", text);
            texts.add(text.asText());
        }
        return texts;
    }

    /**
     * @return empty when the member is missing or null
     * @throws ProblemException SL4008 when it is anything else but an array of at most {@code max} objects
     */
    List<StepInput> objects(String name, int max) {
        var objects = new ArrayList<StepInput>();
        if (!has(name)) return objects;
        JsonNode array = object.get(name);
        if (!array.isArray() || array.size() > max) throw expected(name, "an array of at most " + max, array);
        for (int i = 0; i < array.size(); i++) {
            if (!array.get(i).isObject()) throw expected(name + "/" + i, "an object", array.get(i));
            objects.add(new StepInput(function, pointer + "/" + name + "/" + i, array.get(i), extensions));
        }
        return objects;
    }

    /** @throws ProblemException SL4008 when the member is there and neither null nor a whole number from 1 to max */
    int count(String name, int otherwise, int max) {
        if (!has(name)) return otherwise;
        JsonNode member = object.get(name);
        boolean fits = member.isIntegralNumber() && member.canConvertToInt();
        if (!fits || member.intValue() < 1 || member.intValue() > max) {
            throw expected(name, "a whole number from 1 to " + max, member);
        }
        return member.intValue();
    }

    /**
     * A typing error in what may be left out must not get lost.
     *
     * @throws ProblemException SL4008 when there is a member of another name
     */
    void allow(Set<String> names) {
        for (Iterator<String> members = object.fieldNames(); members.hasNext(); ) {
            String member = members.next();
            if (names.contains(member)) continue;
            throw refused(
                    "'" + member + "' is not a member here; there are " + String.join(", ", new TreeSet<>(names)));
        }
    }

    /** SL4008. @param why what is wrong with this object, and what to do */
    ProblemException refused(String why) {
        String place = pointer.isEmpty() ? "its input" : pointer + " of its input";
        return notValid(function, "cannot use " + place + ": " + why + ".").asException();
    }

    /**
     * @return an object without members when the member is missing or null
     * @throws ProblemException SL4008 when it is anything else but an object
     */
    StepInput objectOrEmpty(String name) {
        if (has(name)) return object(name);
        return new StepInput(function, pointer + "/" + name, JsonNodeFactory.instance.objectNode(), extensions);
    }

    boolean has(String name) {
        return object.hasNonNull(name);
    }

    ProblemException expected(String name, String what, JsonNode found) {
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
