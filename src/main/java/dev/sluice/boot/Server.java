package dev.sluice.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import org.eclipse.microprofile.config.ConfigProvider;

/** Runs once everything answers: says where to look, then waits for the end. */
public final class Server implements QuarkusApplication {
    @Override
    public int run(String... args) {
        System.err.println(Launch.current().map(Server::banner).orElse(""));
        Quarkus.waitForExit();
        return 0;
    }

    private static String banner(Launch launch) {
        StartSettings settings = launch.settings();
        int port = listeningPort(settings);
        String url = new HttpPort(settings.http().host(), port).url();
        return """

               Sluice is ready.
                 Dashboard  %1$s/ui/
                 API        %1$s/v1
                 Health     %1$s/q/health
                 Data       %2$s
                 Redis      %3$s
                 Model      %4$s
               Try: make analyze FILES=invoice.pdf%5$s    Stop: Ctrl-C
               """.formatted(url, launch.data(), launch.redis(), model(settings), port == 8080 ? "" : " PORT=" + port);
    }

    /** Known only now when port 0 was asked for. */
    private static int listeningPort(StartSettings settings) {
        return settings.http().port() != 0
                ? settings.http().port()
                : ConfigProvider.getConfig()
                        .getOptionalValue("quarkus.http.port", Integer.class)
                        .orElse(0);
    }

    private static String model(StartSettings settings) {
        return settings.model().orElse("default route")
                + settings.modelUrl()
                        .map(u -> " at " + StartFailure.withoutPassword(u))
                        .orElse("");
    }
}
