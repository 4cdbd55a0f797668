package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The addresses of functions that have none of their own: a template in which {@code {function}} stands for the name
 * and {@code {namespace}} for the Kubernetes namespace of this process.
 */
final class Addresses {
    /** Where Kubernetes tells each pod its namespace. */
    private static final Path OF_THE_POD = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

    /** RFC 1035: what the name of a service, and so a part of a host name, may be. */
    private static final Pattern LABEL = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final String FUNCTION = "{function}";

    private final String template;

    /** @throws ProblemException SL1016 when the template makes no address, whatever the function is called */
    Addresses(String template, Optional<String> namespace) {
        this(template, namespace, OF_THE_POD);
    }

    Addresses(String template, Optional<String> namespace, Path ofThePod) {
        this.template = template.contains("{namespace}")
                ? template.replace("{namespace}", namespace.orElseGet(() -> read(template, ofThePod)))
                : template;
        Matcher other = PLACEHOLDER.matcher(this.template.replace(FUNCTION, ""));
        if (other.find()) {
            throw notValid(template, "it has " + other.group() + ", and only {function} and {namespace} are known");
        }
        checked("sluice.dispatch.function-url", this.template.replace(FUNCTION, "f"));
    }

    private static String read(String template, Path ofThePod) {
        try {
            return Files.readString(ofThePod).strip();
        } catch (IOException e) {
            throw notValid(
                    template,
                    "it has {namespace}, this is no pod of Kubernetes (" + ofThePod
                            + " cannot be read), and sluice.dispatch.namespace is not set");
        }
    }

    private static ProblemException notValid(String template, String why) {
        return Problem.of(Code.SL1016, "sluice.dispatch.function-url is '" + template + "': " + why)
                .asException();
    }

    /**
     * @param setting that has it
     * @throws ProblemException SL1016 when it is no absolute address of http or https
     */
    static URI checked(String setting, String address) {
        try {
            var url = new URI(address);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (http && url.getHost() != null) return url;
            throw Problem.of(
                            Code.SL1016,
                            setting + " gives '" + address + "', which is no address of the form http://HOST:PORT/PATH")
                    .asException();
        } catch (URISyntaxException e) {
            throw Problem.of(Code.SL1016, setting + " gives '" + address + "': " + e.getMessage())
                    .asException();
        }
    }

    /** @return empty when the name would be a part of the host's name and cannot be */
    Optional<URI> of(String function) {
        if (LABEL.matcher(function).matches()) return Optional.of(URI.create(template.replace(FUNCTION, function)));
        int path = template.indexOf('/', template.indexOf("://") + 3);
        int place = template.indexOf(FUNCTION);
        if (place >= 0 && (path < 0 || place < path)) return Optional.empty();
        String encoded = URLEncoder.encode(function, StandardCharsets.UTF_8).replace("+", "%20");
        return Optional.of(URI.create(template.replace(FUNCTION, encoded)));
    }
}
