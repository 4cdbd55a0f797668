package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    void everyUserOfTheMachineCouldReadTheDocuments() throws IOException {
        Path wanted = temp.resolve("data");
        try (DataDirectory data = DataDirectory.take(wanted)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.path())))
                    .isEqualTo("rwx------");
        }
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

    @Test
    void whatAKilledProcessHadNotAcceptedIsRemovedAndPayloadsStay() throws Exception {
        Path data = temp.resolve("data");
        Path upload = Files.createDirectories(data.resolve("uploads")).resolve("half");
        Path incoming =
                Files.createDirectories(data.resolve("payloads/incoming")).resolve("half.tmp");
        Path payload = Files.createDirectories(data.resolve("payloads/ab")).resolve("sha256-ab");
        for (Path file : List.of(upload, incoming, payload)) Files.writeString(file, "x");
        try (DataDirectory taken = DataDirectory.take(data)) {
            assertThat(taken.path().resolve("uploads")).isEmptyDirectory();
            assertThat(upload).doesNotExist();
            assertThat(incoming).doesNotExist();
            assertThat(payload).exists();
        }
    }
}
