package dev.sluice.workflow;

/** @param line from 1; 0 when unknown */
public record Finding(String pointer, String message, boolean unsupported, int line, int column) {
    @Override
    public String toString() {
        return (line > 0 ? "line " + line + ", column " + column + ": " : "") + pointer + ": " + message;
    }
}
