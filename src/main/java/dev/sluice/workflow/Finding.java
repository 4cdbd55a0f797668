package dev.sluice.workflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One thing that keeps a workflow document from being deployed.
 *
 * @param pointer JSON pointer (RFC 6901) of the place; empty for the document as a whole
 * @param message what is wrong there, in one line, without the pointer
 * @param unsupported true when the DSL allows it and only Sluice cannot carry it out
 * @param line counted from 1; 0 when unknown
 * @param column counted from 1, in characters; 0 when unknown
 */
public record Finding(String pointer, String message, boolean unsupported, int line, int column) {

    /** {@code line 12, column 7: /do/0/x/call: message}; what is unknown or empty is left out. */
    @Override
    public String toString() {
        return (line == 0 ? "" : "line " + line + ", column " + column + ": ") + inPlace();
    }

    /** {@code /do/0/x/call: message}, or the message alone for the document as a whole. */
    public String inPlace() {
        return pointer.isEmpty() ? message : pointer + ": " + message;
    }

    /** Members {@code line column pointer message unsupported}. */
    public ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("line", line)
                .put("column", column)
                .put("pointer", pointer)
                .put("message", message)
                .put("unsupported", unsupported);
    }
}
