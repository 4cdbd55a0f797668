package dev.sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which files go into one request. */
final class Batches {
    /** 20: a request that breaks costs at most this many uploads again. */
    static final int FILES_MAX = 20;

    /** 32 MiB: below the server's limit for a request; a larger file goes alone. */
    static final long BYTES_MAX = 32L << 20;

    /** 100,000 files: a directory given by mistake, such as /, ends here. */
    private static final int FILES_PER_DIRECTORY_MAX = 100_000;

    private Batches() {}

    /** Puts the files of a directory, not of its subdirectories, in its place, in the order of their names. */
    static List<Path> expand(List<Path> named) {
        List<Path> files = new ArrayList<>();
        for (Path path : named) {
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            try (Stream<Path> inside = Files.list(path)) {
                inside.filter(Files::isRegularFile)
                        .limit(FILES_PER_DIRECTORY_MAX)
                        .sorted()
                        .forEach(files::add);
            } catch (IOException | UncheckedIOException e) {
                files.add(path);
            }
        }
        return files;
    }

    /** Cuts the list, in its order, into batches of at most {@link #FILES_MAX} files and {@link #BYTES_MAX} bytes. */
    static List<List<Path>> of(List<Path> files) {
        List<List<Path>> batches = new ArrayList<>();
        List<Path> batch = new ArrayList<>();
        long bytes = 0;
        for (Path file : files) {
            long size = size(file);
            if (!batch.isEmpty() && (batch.size() == FILES_MAX || bytes + size > BYTES_MAX)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(file);
            bytes += size;
        }
        if (!batch.isEmpty()) batches.add(batch);
        return batches;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
