package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory that one process of Sluice owns, from its start to its end; the kernel frees it however the process
 * dies.
 */
final class DataDirectory implements AutoCloseable {
    /**
     * Locked by the owner for as long as it lives. Empty: opening it a second time in one process would free the lock.
     */
    private static final String LOCK_FILE = "sluice.lock";

    /** The owner's process id in decimal, written after the lock was taken; a hint for people, not proof. */
    private static final String PID_FILE = "sluice.pid";

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates the directory where it is missing and takes it.
     *
     * @throws ProblemException {@link Code#SL1002} when nothing can be written in it, {@link Code#SL1003} when a living
     *     process owns it
     */
    static DataDirectory take(Path wanted) {
        Path path = wanted.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path);
            Files.delete(Files.createTempFile(path, "write-check", null));
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(channel).isEmpty()) {
                channel.close();
                throw inUse(path).asException();
            }
            Files.writeString(path.resolve(PID_FILE), ProcessHandle.current().pid() + "\n");
            return new DataDirectory(path, channel);
        } catch (IOException e) {
            throw new ProblemException(notWritable(path, e), e);
        }
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    Path path() {
        return path;
    }

    /** Deletes what was being uploaded when the former process was killed; none of it had been accepted. */
    void deleteUnfinishedUploads() {
        Path uploads = path.resolve("uploads");
        if (!Files.isDirectory(uploads)) return;
        try (Stream<Path> files = Files.list(uploads)) {
            for (Path file : (Iterable<Path>) files::iterator) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException e) {
            // They cost only their place on the disk, and the next start tries again.
        }
    }

    /** Frees the directory; only dev mode and tests need it, elsewhere the end of the process does the same. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path.resolve(PID_FILE));
            channel.close();
        } catch (IOException e) {
            // Nothing is lost: the kernel frees the lock at the end of the process, and the pid file is a hint only.
        }
    }

    private static Problem inUse(Path path) {
        return Problem.of(
                Code.SL1003,
                "another Sluice" + holder(path) + " is using " + path
                        + ". Stop it, or choose another directory: make run DATA=./data2 PORT=9090, or SLUICE_DATA.");
    }

    private static String holder(Path path) {
        try {
            String pid = Files.readString(path.resolve(PID_FILE)).strip();
            return pid.matches("\\d{1,10}") ? " (process " + pid + ")" : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static Problem notWritable(Path path, IOException e) {
        return Problem.of(
                Code.SL1002,
                "cannot create or write " + path + " (" + reason(e)
                        + "). Choose another directory: make run DATA=… or SLUICE_DATA.");
    }

    /** The JDK's file system exceptions say only the file's name, unless they have a reason. */
    private static String reason(IOException e) {
        if (e instanceof java.nio.file.FileSystemException f && f.getReason() != null) return f.getReason();
        if (e instanceof java.nio.file.AccessDeniedException) return "permission denied";
        if (e instanceof java.nio.file.FileAlreadyExistsException f) return f.getFile() + " is not a directory";
        if (e instanceof NoSuchFileException f) return f.getFile() + " does not exist";
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
