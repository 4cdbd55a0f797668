package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path temp;

    @Test
    void createsWhatIsMissingAndLeavesNoTraceOfTheCheck() throws IOException {
        Path wanted = temp.resolve("a/b/data");
        try (DataDirectory data = DataDirectory.take(wanted);
                var files = Files.list(wanted)) {
            assertThat(data.path()).isEqualTo(wanted).isDirectory();
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("sluice.lock", "sluice.pid");
        }
    }

    @Test
    void uploadsThatAKilledProcessLeftAreDeletedAndNothingElse() throws IOException {
        Path left = Files.createDirectories(temp.resolve("uploads")).resolve("left");
        Path kept = Files.createDirectories(temp.resolve("payloads")).resolve("kept");
        Files.writeString(left, "half a docum");
        Files.writeString(kept, "document");
        try (DataDirectory data = DataDirectory.take(temp)) {
            data.deleteUnfinishedUploads();
        }
        assertThat(left).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void aPathBelowAFileIsNotWritable() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));
        assertThatThrownBy(() -> DataDirectory.take(file.resolve("data")))
                .hasMessageStartingWith(
                        "SL1002 Data directory not writable: cannot create or write " + file + "/data (")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aSecondProcessIsRefusedAndToldWhoOwnsIt() throws IOException {
        try (OtherJvm other = OtherJvm.owning(temp, false)) {
            assertThatThrownBy(() -> DataDirectory.take(temp))
                    .hasMessageStartingWith("SL1003 Data directory in use: another Sluice (process " + other.pid()
                            + ") is using " + temp);
        }
    }

    @Test
    void anOwnerThatWasKilledLeavesTheDirectoryFree() throws IOException {
        try (OtherJvm other = OtherJvm.owning(temp, false)) {
            other.kill();
            try (DataDirectory data = DataDirectory.take(temp)) {
                assertThat(data.path()).isEqualTo(temp);
                assertThat(temp.resolve("sluice.pid"))
                        .hasContent(Long.toString(ProcessHandle.current().pid()));
            }
        }
    }

    @Test
    void canBeTakenAgainAfterItWasGivenBack() {
        DataDirectory.take(temp).close();
        DataDirectory.take(temp).close();
    }
}
