package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The secrets that an operator gave: {@code sluice.secrets.<name>} for a text, {@code sluice.secrets.<name>.<field>}
 * for one with fields, or files {@code <directory>/<name>} and {@code <directory>/<name>/<field>}, as Kubernetes mounts
 * them. Runs see marks in their place; the texts are put in when a task leaves for its function.
 */
@ApplicationScoped
public class SecretMarks implements Secrets {
    private static final String PREFIX = "sluice.secrets.";
    private static final String DIRECTORY = "sluice.secrets-directory";

    /** 64 KiB: keys and certificates; what is larger is no secret. */
    private static final long BYTES_MAX = 64 * 1024;

    private static final Pattern MARK = Pattern.compile("\\{\\{secret:([^{}/:]+)(?:/([^{}:]+))?:([0-9a-f]{32})}}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final SigningKey signing;
    private final Config config;
    private final Optional<Path> directory;

    SecretMarks(SigningKey signing, Config config, @ConfigProperty(name = DIRECTORY) Optional<Path> directory) {
        this.signing = signing;
        this.config = config;
        this.directory = directory;
    }

    @Override
    public Optional<JsonNode> find(String name) {
        if (!NAME.matcher(name).matches()) return Optional.empty();
        if (text(name).isPresent()) return Optional.of(TextNode.valueOf(mark(name)));
        Map<String, String> fields = fields(name);
        if (fields.isEmpty()) return Optional.empty();
        ObjectNode marks = JsonNodeFactory.instance.objectNode();
        fields.keySet().forEach(field -> marks.put(field, mark(name + "/" + field)));
        return Optional.of(marks);
    }

    /** Signed, so that a text in somebody's document cannot ask for a secret. */
    private String mark(String place) {
        return "{{secret:" + place + ":" + signing.sign("secret\n" + place) + "}}";
    }

    /** @param json with the texts in place; @param redaction takes them out of the answer */
    public record Revealed(byte[] json, Redaction redaction) {}

    /** Puts the texts in the places of their marks, in JSON text; costs nothing where there are none. */
    public Revealed reveal(String text) {
        if (!text.contains(Secrets.MARK)) {
            return new Revealed(text.getBytes(StandardCharsets.UTF_8), Redaction.NONE);
        }
        var secrets = new HashSet<String>();
        String revealed = MARK.matcher(text).replaceAll(mark -> Matcher.quoteReplacement(escaped(mark, secrets)));
        return new Revealed(revealed.getBytes(StandardCharsets.UTF_8), Redaction.of(secrets));
    }

    private String escaped(MatchResult mark, Set<String> secrets) {
        String place = mark.group(2) == null ? mark.group(1) : mark.group(1) + "/" + mark.group(2);
        if (!signing.isSigned("secret\n" + place, mark.group(3))) return mark.group();
        Optional<String> secret = mark.group(2) == null
                ? text(mark.group(1))
                : Optional.ofNullable(fields(mark.group(1)).get(mark.group(2)));
        secret.ifPresent(secrets::add);
        String quoted = Json.text(TextNode.valueOf(secret.orElse("")));
        return quoted.substring(1, quoted.length() - 1);
    }

    private Optional<String> text(String name) {
        Optional<String> configured = config.getOptionalValue(PREFIX + name, String.class);
        return configured.isPresent()
                ? configured
                : directory
                        .map(d -> d.resolve(name))
                        .filter(Files::isRegularFile)
                        .map(SecretMarks::read);
    }

    private Map<String, String> fields(String name) {
        var fields = new TreeMap<String, String>();
        String prefix = PREFIX + name + ".";
        for (String property : config.getPropertyNames()) {
            if (!property.startsWith(prefix)) continue;
            config.getOptionalValue(property, String.class)
                    .ifPresent(value -> fields.put(property.substring(prefix.length()), value));
        }
        directory.map(d -> d.resolve(name)).filter(Files::isDirectory).ifPresent(d -> readAll(d, fields));
        return fields;
    }

    private static void readAll(Path directory, Map<String, String> fields) {
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(Files::isRegularFile)
                    .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
                    .forEach(file -> fields.put(file.getFileName().toString(), read(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the secrets in " + directory, e);
        }
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > BYTES_MAX) throw new IOException("larger than " + BYTES_MAX + " bytes");
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("reading the secret " + file, e);
        }
    }
}
