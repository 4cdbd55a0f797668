package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A process of the measurement. It is ended by its own handle, also when the benchmark is interrupted. */
final class Child implements AutoCloseable {
    /** 60 s: a server that has work in flight finishes it before it ends. */
    private static final int END_SECONDS_MAX = 60;

    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private final Process process;

    private Child(Process process) {
        this.process = process;
        ALIVE.add(process);
    }

    /** @param log gets what it prints */
    static Child start(Path log, List<String> command) throws IOException {
        Files.createDirectories(log.getParent());
        return new Child(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** User and system time that it has used so far, with that of its children which have ended, in ms. */
    double cpuMillis() throws IOException {
        return cpuMillis("/proc/" + process.pid() + "/stat", true);
    }

    /** The same of this process, without its children. */
    static double ownCpuMillis() throws IOException {
        return cpuMillis("/proc/self/stat", false);
    }

    /** Fields 14 to 17 of proc(5), in ticks; Linux has 100 a second, whatever the kernel's own clock. */
    private static double cpuMillis(String file, boolean withChildren) throws IOException {
        String text = Files.readString(Path.of(file));
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        if (withChildren) ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
        return ticks * 10.0;
    }

    /** Memory in use, in bytes. */
    long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
        return 0;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS))
                process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
    }
}
