package dev.sluice.scenario;

import dev.sluice.redis.RedisSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The layers as processes of their own: the core, inference, and functions that have no Redis and ask inference. */
final class Apart implements AutoCloseable {
    private final RedisSetup redis = RedisSetup.standalone("everysec");
    final Sluice core;
    final Sluice inference;
    final Sluice workers;

    /** @param models settings of inference */
    Apart(Path directory, List<String> models) throws IOException {
        String hosts = "-Dquarkus.redis.hosts=" + redis.hosts().getFirst();
        int workersPort = Sluice.freePort();
        core = Sluice.start(
                Files.createDirectory(directory.resolve("core")),
                "-Dsluice.roles=api,dispatcher,orchestrator",
                hosts,
                "-Dsluice.dispatch.function-url=http://127.0.0.1:" + workersPort + "/");
        var options = new ArrayList<>(List.of("-Dsluice.roles=inference", hosts));
        options.addAll(models);
        inference = Sluice.start(Files.createDirectory(directory.resolve("inference")), options.toArray(String[]::new));
        workers = Sluice.startOn(
                workersPort,
                Files.createDirectory(directory.resolve("workers")),
                "-Dsluice.roles=functions",
                "-Dsluice.payloads.url=" + core.url() + "/v1/payloads",
                "-Dsluice.inference.url=" + inference.url() + "/openai/v1");
    }

    @Override
    public void close() throws IOException {
        workers.close();
        inference.close();
        core.close();
        redis.close();
    }
}
