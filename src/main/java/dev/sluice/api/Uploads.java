package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.Payloads;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/**
 * Turns an uploaded file into the input of a run: the content goes to the payloads, the input carries its reference.
 */
@ApplicationScoped
class Uploads {
    /** 32 MiB: what {@code extract} reads at most; a larger document would be accepted only to fail. */
    static final int FILE_BYTES_MAX = 32 << 20;

    private final Payloads payloads;

    Uploads(Payloads payloads) {
        this.payloads = payloads;
    }

    /**
     * @return {@code {"document": {"name", "mediaType", "size", "ref"}}}
     * @throws dev.sluice.workflow.ProblemException SL2006 or SL2010
     */
    JsonNode input(FileUpload file) {
        String name = name(file);
        if (file.size() == 0) {
            throw Problem.of(Code.SL2010, "'" + name + "' has 0 bytes. Send a document that has content.")
                    .asException();
        }
        if (file.size() > FILE_BYTES_MAX) {
            throw Problem.of(
                            Code.SL2006,
                            "'" + name + "' has " + file.size() + " bytes; a document may have " + FILE_BYTES_MAX
                                    + " (32 MiB). Split it.")
                    .asException();
        }
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.putObject("document")
                .put("name", name)
                .put("mediaType", file.contentType())
                .put("size", file.size())
                .put("ref", payloads.put(file.uploadedFile()));
        return input;
    }

    /** The file's name, else the part's. Browsers and curl write a quote in a name as %22. */
    static String name(FileUpload file) {
        boolean unnamed = file.fileName() == null || file.fileName().isBlank();
        return unnamed ? file.name() : file.fileName().replace("%22", "\"");
    }
}
