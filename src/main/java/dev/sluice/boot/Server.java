package dev.sluice.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import org.eclipse.microprofile.config.ConfigProvider;

/** Runs once everything answers: says where to look, then waits for the end. */
public final class Server implements QuarkusApplication {
    private static final String OFFLINE = "offline";

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
                 Dashboard  %1$s/
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
        if (settings.model().equals(OFFLINE))
            return "offline: built in, needs no key; answers by classical text methods";
        return settings.model()
                + settings.modelUrl()
                        .map(url -> " at " + StartFailure.withoutPassword(url))
                        .orElse("");
    }
}
