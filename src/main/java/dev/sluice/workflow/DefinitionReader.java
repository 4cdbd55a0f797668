package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a CNCF Serverless Workflow document (DSL 1.0.x; YAML or JSON) and compiles it. Refuses, with line, column and
 * JSON pointer of each place, what the DSL rejects (SL3001) and what Sluice does not support yet (SL3002).
 */
public final class DefinitionReader {
    /** 1 MiB: far above any document a person maintains, low enough that a parser bomb stays small. */
    public static final int DOCUMENT_BYTES_MAX = 1 << 20;

    private final DslSchema dsl = new DslSchema();
    private final Function<String, Optional<JsonNode>> catalog;

    /** With an empty catalog. */
    public DefinitionReader() {
        this(name -> Optional.empty());
    }

    /** @param catalog gets the definition of a function of the default catalog by {@code name:version} */
    public DefinitionReader(Function<String, Optional<JsonNode>> catalog) {
        this.catalog = catalog;
    }

    /**
     * The text of a document that came as bytes.
     *
     * @throws ProblemException SL3001 when it is larger than {@link #DOCUMENT_BYTES_MAX} or not UTF-8
     */
    public static String text(byte[] bytes) {
        if (bytes.length > DOCUMENT_BYTES_MAX) throw tooLarge();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused("the document is not UTF-8");
        }
    }

    /** Everything that keeps {@code source} from being deployed, in its order; empty when nothing does. */
    public List<Finding> check(String source) {
        try {
            read(source);
            return List.of();
        } catch (ProblemException e) {
            return e.findings();
        }
    }

    /** @throws ProblemException SL3001 or SL3002, with everything found, one a line and as its findings */
    public Definition read(String source) {
        if (source.length() > DOCUMENT_BYTES_MAX) throw tooLarge();
        DocumentText text = DocumentText.read(source);
        var findings = new Findings(text.places());
        text.findings().forEach(findings::take);
        if (text.tree().isObject()) dsl.check(text.tree(), findings);
        // What the schema rejects has no meaning that could be compiled.
        if (findings.isInvalid()) findings.refuse();
        Definition definition = new Compiler(text.tree(), findings, catalog).compile(source, revision(source));
        findings.refuse();
        return definition;
    }

    /** One finding in a document that was read, for what it says that only the deployment can check. */
    public static ProblemException finding(Definition definition, String pointer, String message) {
        var findings = new Findings(DocumentText.read(definition.source()).places());
        findings.add(pointer, message);
        return findings.asException();
    }

    private static ProblemException tooLarge() {
        return refused("the document is larger than " + DOCUMENT_BYTES_MAX + " bytes (1 MiB)");
    }

    private static ProblemException refused(String message) {
        var findings = new Findings();
        findings.add("", message);
        return findings.asException();
    }

    /** First 16 hex digits of the SHA-256. */
    static String revision(String source) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
