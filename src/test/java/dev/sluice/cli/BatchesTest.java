package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
    @TempDir
    Path temp;

    @Test
    void holdTwentyFilesAtMost() throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 41; i++) files.add(file("f" + i, 1));
        assertThat(Batches.of(files)).extracting(List::size).containsExactly(20, 20, 1);
    }

    @Test
    void aFileAboveTheLimitGoesAlone() throws IOException {
        List<Path> files = List.of(file("a", 1), file("b", Batches.BYTES_MAX + 1), file("c", 1));
        assertThat(Batches.of(files)).extracting(List::size).containsExactly(1, 1, 1);
    }

    @Test
    void aDirectoryStandsForItsFilesInOrder() throws IOException {
        Path b = file("b", 1);
        Path a = file("a", 1);
        Files.createDirectory(temp.resolve("below"));
        assertThat(Batches.expand(List.of(temp))).containsExactly(a, b);
    }

    /** Sparse: takes no room on the disk. */
    private Path file(String name, long bytes) throws IOException {
        Path file = temp.resolve(name);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        return file;
    }
}
