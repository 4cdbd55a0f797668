package dev.sluice.cli;

/** Ends a command with one line to stderr and an exit status of {@link Cli}. */
final class CliException extends RuntimeException {
    private final int status;

    CliException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
