package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that speaks Redis, on this machine: {@code redis-server} of the PATH, else {@code valkey-server} of the
 * PATH, else the binary that travels in the embedded-redis jar.
 */
record RedisBinary(Path path, int major, int minor) {
    private static final List<String> NAMES = List.of("redis-server", "valkey-server");

    /** 5 s for {@code --version}, which takes milliseconds; a binary that hangs is as good as none. */
    private static final long VERSION_SECONDS_MAX = 5;

    private static final Pattern VERSION = Pattern.compile("\\bv=(\\d{1,4})\\.(\\d{1,4})");

    /** Resource names in the embedded-redis jar by operating system and architecture, as Java names them. */
    private static final Map<String, String> TRAVELLING = Map.of(
            "linux amd64", "redis-server-6.2.6-v5-linux-amd64",
            "linux aarch64", "redis-server-6.2.7-linux-arm64",
            "mac x86_64", "redis-server-6.2.6-v5-darwin-amd64",
            "mac aarch64", "redis-server-6.2.6-v5-darwin-arm64");

    /**
     * Finds the first that runs here and is at least 6.2, which has every stream command that Sluice uses.
     *
     * @param searchPath directories, separated as in the PATH; may be null
     * @param home where the travelling binary is unpacked, and whose data the binary has to understand
     * @throws ProblemException {@link Code#SL1006}, saying what was tried and what to install
     */
    static RedisBinary find(String searchPath, RedisHome home) {
        List<String> tried = new ArrayList<>();
        for (String name : NAMES) {
            Optional<RedisBinary> found =
                    onPath(searchPath, name).flatMap(p -> accept(p, home.writtenByRedis7OrNewer(), tried));
            if (found.isPresent()) return found.get();
        }
        return unpack(home.directory(), tried)
                .flatMap(p -> accept(p, home.writtenByRedis7OrNewer(), tried))
                .orElseThrow(() -> none(tried).asException());
    }

    /** The first executable of that name in the directories of a PATH. */
    static Optional<Path> onPath(String searchPath, String name) {
        if (searchPath == null) return Optional.empty();
        return java.util.Arrays.stream(searchPath.split(Pattern.quote(java.io.File.pathSeparator)))
                .filter(d -> !d.isBlank())
                .map(d -> Path.of(d, name))
                .filter(p -> Files.isRegularFile(p) && Files.isExecutable(p))
                .findFirst();
    }

    private static Optional<RedisBinary> accept(Path path, boolean needs7, List<String> tried) {
        try {
            String said = version(path);
            Matcher version = VERSION.matcher(said);
            if (!version.find()) {
                tried.add(path + " does not run: " + said.lines().findFirst().orElse("it says nothing"));
                return Optional.empty();
            }
            var binary = new RedisBinary(path, Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
            if (!binary.atLeast(6, 2)) {
                tried.add(path + " is " + binary.version() + ", older than 6.2");
                return Optional.empty();
            }
            if (needs7 && !binary.atLeast(7, 0)) {
                tried.add(path + " is " + binary.version() + ", and the data were written by Redis 7 or newer");
                return Optional.empty();
            }
            return Optional.of(binary);
        } catch (IOException e) {
            tried.add(path + " does not run: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static String version(Path path) throws IOException {
        Process process = new ProcessBuilder(path.toString(), "--version")
                .redirectErrorStream(true)
                .start();
        try {
            if (!process.waitFor(VERSION_SECONDS_MAX, TimeUnit.SECONDS)) return "no answer to --version";
            return new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            process.destroyForcibly();
        }
    }

    private boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
    }

    private String version() {
        return major + "." + minor;
    }

    private static Optional<Path> unpack(Path directory, List<String> tried) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String platform = (system.startsWith("mac") ? "mac" : system) + " " + System.getProperty("os.arch");
        String name = TRAVELLING.get(platform);
        if (name == null) return Optional.empty();
        Path target = directory.resolve(name);
        try (InputStream binary = RedisBinary.class.getClassLoader().getResourceAsStream(name)) {
            if (binary == null) return Optional.empty();
            if (!Files.isExecutable(target)) {
                Path part = directory.resolve(name + ".part");
                Files.copy(binary, part, StandardCopyOption.REPLACE_EXISTING);
                if (!part.toFile().setExecutable(true, true)) throw new IOException("cannot make it executable");
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return Optional.of(target);
        } catch (IOException e) {
            tried.add(target + " cannot be unpacked: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Problem none(List<String> tried) {
        String found = tried.isEmpty() ? "there is none on the PATH" : String.join("; ", tried);
        return Problem.of(
                Code.SL1006,
                found + ". Install Redis 6.2 or newer, 7 if there are data already (Debian, Ubuntu: apt-get install"
                        + " redis-server; macOS: brew install redis), or set QUARKUS_REDIS_HOSTS to one that runs"
                        + " elsewhere.");
    }
}
