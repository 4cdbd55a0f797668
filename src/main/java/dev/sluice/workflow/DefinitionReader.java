package dev.sluice.workflow;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.serverlessworkflow.api.WorkflowFormat;
import io.serverlessworkflow.api.WorkflowReader;
import io.serverlessworkflow.api.types.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Reads a CNCF Serverless Workflow document (DSL 1.0.x; YAML, of which JSON is a part) and compiles it. Refuses, with
 * the JSON pointer of each place, what the DSL's schema rejects (SL3001) and what Sluice does not support yet (SL3002).
 */
public final class DefinitionReader {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION));

    /** What a document of DSL 1.0 may have; its schema leaves the top level open. */
    private static final Set<String> MEMBERS =
            Set.of("document", "input", "use", "do", "timeout", "output", "schedule", "evaluate");

    /** The DSL's own schema, as the SDK carries it. */
    private static final String DSL_SCHEMA = "/schema/workflow.yaml";

    /** 1 MiB: far above any document a person maintains, low enough that a parser bomb stays small. */
    static final int DOCUMENT_BYTES_MAX = 1 << 20;

    private final Schema dsl;

    public DefinitionReader() {
        try (InputStream in = Workflow.class.getResourceAsStream(DSL_SCHEMA)) {
            dsl = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(YAML.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + DSL_SCHEMA, e);
        }
    }

    /** @throws ProblemException SL3001 or SL3002, with every problem found, one a line */
    public Definition read(String source) {
        if (source.length() > DOCUMENT_BYTES_MAX) {
            throw refused(Code.SL3001, List.of("the document is larger than " + DOCUMENT_BYTES_MAX + " characters"));
        }
        JsonNode document = parse(source);
        var problems = new ArrayList<String>();
        document.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) problems.add("/" + Compiler.escape(name) + " is not a member of the DSL");
        });
        dsl.validate(document).stream().map(InputSchema::describe).distinct().forEach(problems::add);
        if (!problems.isEmpty()) throw refused(Code.SL3001, problems);
        Compiler.refuseWhatTheSdkDoesNotKnow(document);
        return new Compiler(document, model(source)).compile(source, revision(source));
    }

    private static JsonNode parse(String source) {
        try (JsonParser parser = YAML.createParser(source)) {
            refuseAliases(source);
            JsonNode document = YAML.readTree(parser);
            if (document == null || !document.isObject()) {
                throw refused(Code.SL3001, List.of("the document is not a YAML or JSON object"));
            }
            if (parser.nextToken() != null)
                throw refused(
                        Code.SL3001,
                        List.of(place(parser.currentTokenLocation())
                                + "a file holds one document; this one goes on after it"));
            return document;
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw refused(Code.SL3001, List.of(place(at) + e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /** Jackson reads an alias as the text of its name, which no author means. */
    private static void refuseAliases(String source) throws IOException {
        try (var parser = (YAMLParser) YAML.getFactory().createParser(source)) {
            while (parser.nextToken() != null) {
                if (!parser.isCurrentAlias()) continue;
                String alias = "the alias *" + parser.getText() + " is not supported yet; write out what it stands for";
                throw refused(Code.SL3002, List.of(place(parser.currentTokenLocation()) + alias));
            }
        }
    }

    private static String place(JsonLocation at) {
        return at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
    }

    private static Workflow model(String source) {
        try {
            return WorkflowReader.readWorkflowFromString(source, WorkflowFormat.YAML);
        } catch (IOException e) {
            throw refused(Code.SL3001, List.of("the standard's SDK cannot read it: " + e.getMessage()));
        }
    }

    private static String revision(String source) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static ProblemException refused(Code code, List<String> problems) {
        return Problem.of(code, String.join("\n", problems)).asException();
    }
}
