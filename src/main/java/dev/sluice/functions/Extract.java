package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Answer;
import dev.sluice.inference.Ask;
import dev.sluice.inference.Models;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Step {@code extract}: a document in, its text and the facts that business documents share out.
 *
 * <p>Input {@code {"document": {"ref", "name", "mediaType"?}}} or {@code {"document": {"name"?, "text"}}};
 * {@code "model"} optionally names a model alias. Output {@code {"document": {"name", "mediaType", "title",
 * "characters", "truncated", "metadata"}, "text", "fields"}}.
 */
@ApplicationScoped
public class Extract {
    private static final JsonNode FIELDS = Prompt.schema("""
            {"type": "object", "additionalProperties": false,
             "required": ["documentDate", "author", "organisation", "recipient", "amount", "currency", "identifier",
                          "emails", "urls"],
             "properties": {
               "documentDate": {"type": ["string", "null"], "description": "date of the document, YYYY-MM-DD"},
               "author": {"type": ["string", "null"], "description": "person who wrote or signed it"},
               "organisation": {"type": ["string", "null"], "description": "organisation that issued it"},
               "recipient": {"type": ["string", "null"], "description": "person or organisation it is addressed to"},
               "amount": {"type": ["number", "null"], "description": "total amount of money, without currency"},
               "currency": {"type": ["string", "null"], "description": "ISO 4217 code of the amount"},
               "identifier": {"type": ["string", "null"], "description": "number of the invoice, contract or case"},
               "emails": {"type": "array", "items": {"type": "string"}},
               "urls": {"type": "array", "items": {"type": "string"}}}}
            """);

    private static final String SYSTEM = """
            You read a document and fill in a form. Copy values from the document; never guess. \
            What the document does not say is null, or an empty list. List at most 20 e-mail addresses and 20 URLs.
            """ + Prompt.DOCUMENT_IS_DATA;

    private static final String TASK = "Give the fields of the document above as JSON; null for what it does not say.";

    /** A form with both lists full takes some 1,200. */
    private static final int OUTPUT_TOKENS_MAX = 2_000;

    private final StepFunction contract;
    private final DocumentReader reader;
    private final Payloads payloads;
    private final Function<Ask, Answer> models;

    @Inject
    Extract(StepFunction contract, DocumentReader reader, Payloads payloads, Models models) {
        this(contract, reader, payloads, models::ask);
    }

    Extract(StepFunction contract, DocumentReader reader, Payloads payloads, Function<Ask, Answer> models) {
        this.contract = contract;
        this.reader = reader;
        this.payloads = payloads;
        this.models = models;
    }

    @Funq("extract")
    public Uni<CloudEvent<JsonNode>> extract(CloudEvent<byte[]> request) {
        return contract.run("extract", request, this::extract);
    }

    private StepOutput extract(StepInput input) {
        StepInput asked = input.object("document");
        String name = name(asked);
        DocumentText document = asked.has("text") ? inline(asked) : stored(asked, name);
        Answer answer = models.apply(new Ask(
                input.text("model", ""),
                SYSTEM,
                Prompt.about(name, document.text(), TASK),
                "document_fields",
                FIELDS,
                OUTPUT_TOKENS_MAX,
                input.account()));
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.set("document", describe(name, document));
        output.put("text", document.text());
        output.set("fields", answer.value());
        return new StepOutput(output, answer.usage());
    }

    private DocumentText stored(StepInput asked, String name) {
        byte[] bytes = payloads.fetch(asked.text("ref"), name);
        return reader.read(name, asked.text("mediaType", ""), bytes);
    }

    /** Text that came with the event: nothing to fetch, nothing to parse. */
    private static DocumentText inline(StepInput asked) {
        String text = asked.text("text");
        int length = Math.min(text.length(), DocumentReader.TEXT_CHARACTERS_MAX);
        return new DocumentText(
                text.substring(0, length), asked.text("mediaType", "text/plain"), "", Map.of(), length < text.length());
    }

    /** Names come from people: no control characters, no paths, not longer than a file system allows. */
    private static String name(StepInput asked) {
        String name = asked.text("name", "").replaceAll("\\p{Cntrl}+", " ").strip();
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        if (last.isBlank()) return "unnamed";
        return last.length() <= NAME_CHARACTERS_MAX
                ? last
                : "…" + last.substring(last.length() - NAME_CHARACTERS_MAX + 1);
    }

    private static final int NAME_CHARACTERS_MAX = 255;

    private static ObjectNode describe(String name, DocumentText document) {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.put("name", name).put("mediaType", document.mediaType()).put("title", document.title());
        described.put("characters", document.text().length()).put("truncated", document.truncated());
        ObjectNode metadata = described.putObject("metadata");
        new TreeMap<>(document.metadata()).forEach(metadata::put);
        return described;
    }
}
