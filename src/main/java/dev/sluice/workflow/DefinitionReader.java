package dev.sluice.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
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
import java.util.HexFormat;
import java.util.List;

/**
 * Reads a CNCF Serverless Workflow document (DSL 1.0.x; YAML, of which JSON is a part) and compiles it. Refuses, with the JSON
 * pointer of each place, what the DSL's schema rejects (SL3001) and what Sluice does not support yet (SL3002).
 */
public final class DefinitionReader {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

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
        List<String> problems = dsl.validate(document).stream()
                .map(InputSchema::describe)
                .distinct()
                .toList();
        if (!problems.isEmpty()) throw refused(Code.SL3001, problems);
        return new Compiler(document, model(source)).compile(source, revision(source));
    }

    private static JsonNode parse(String source) {
        try {
            JsonNode document = YAML.readTree(source);
            if (document != null && document.isObject()) return document;
            throw refused(Code.SL3001, List.of("the document is not a YAML or JSON object"));
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw refused(
                    Code.SL3001,
                    List.of("line " + (at == null ? "?" : at.getLineNr()) + ", column "
                            + (at == null ? "?" : at.getColumnNr()) + ": " + e.getOriginalMessage()));
        }
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
