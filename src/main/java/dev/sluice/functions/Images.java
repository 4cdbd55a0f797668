package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the images that a step shows a model: references of payloads, {@code data:} and https URLs. */
@Singleton
class Images {
    /** 16: each costs as much as a page of text, and a model that sees more tells them apart badly. */
    private static final int IMAGES_MAX = 16;

    /** 20 Mi characters of base64, some 15 MiB of images: what the large providers take in one request. */
    private static final int CHARACTERS_MAX = 20 << 20;

    private static final Pattern DATA = Pattern.compile("data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\\s]*+");

    /** What files begin with, in ISO 8859-1; dots stand for any octet. */
    private static final Map<String, Pattern> KINDS = Map.of(
            "image/png", Pattern.compile("\u0089PNG\r\n.*", Pattern.DOTALL),
            "image/jpeg", Pattern.compile("\u00ff\u00d8\u00ff.*", Pattern.DOTALL),
            "image/gif", Pattern.compile("GIF8[79]a.*", Pattern.DOTALL),
            "image/webp", Pattern.compile("RIFF....WEBP.*", Pattern.DOTALL));

    private final Payloads payloads;
    private final DeniedHosts hosts;

    @Inject
    Images(Payloads payloads, DeniedHosts hosts) {
        this.payloads = payloads;
        this.hosts = hosts;
    }

    /**
     * Of the member {@code images}, as parts of a message. Blocks while payloads are fetched.
     *
     * @throws ProblemException SL4008 when one is no image or they are too many or too large, SL4017 when an address
     *     must not be asked, those of {@link Payloads#fetch}
     */
    List<ObjectNode> read(StepInput input) {
        var parts = new ArrayList<ObjectNode>();
        if (!input.has("images")) return parts;
        JsonNode images = input.object().get("images");
        if (!images.isArray() || images.size() > IMAGES_MAX) {
            throw input.expected("images", "an array of at most " + IMAGES_MAX + " images", images);
        }
        long characters = 0;
        for (int i = 0; i < images.size(); i++) {
            String url = url(input, "images/" + i, images.get(i));
            characters += url.length();
            if (characters > CHARACTERS_MAX) {
                throw input.refused("its images together have more than " + (CHARACTERS_MAX >> 20)
                        + " MiB in base64. Show fewer or smaller ones in one step");
            }
            ObjectNode part = JsonNodeFactory.instance.objectNode().put("type", "image_url");
            part.putObject("image_url").put("url", url);
            parts.add(part);
        }
        return parts;
    }

    private String url(StepInput input, String place, JsonNode image) {
        JsonNode reference = image.path("ref");
        if (reference.isTextual()) return stored(input, place, reference.textValue());
        String url = image.asText("");
        if (DATA.matcher(url).matches()) return url;
        if (!image.isTextual() || !url.regionMatches(true, 0, "https:", 0, 6)) {
            throw input.expected(
                    place, "{\"ref\"} of a payload, an https URL or a data: URL of a PNG, JPEG, GIF or WebP", image);
        }
        // The endpoint fetches it, and may stand where this process does.
        URI address = Uris.web(url);
        hosts.check(Outgoing.get(address));
        return address.toString();
    }

    private String stored(StepInput input, String place, String reference) {
        byte[] bytes = payloads.fetch(reference, place);
        String type = kind(bytes)
                .orElseThrow(() -> input.refused("the payload at /" + place + " is no PNG, JPEG, GIF or WebP"));
        return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }

    private static Optional<String> kind(byte[] bytes) {
        String start = new String(bytes, 0, Math.min(16, bytes.length), java.nio.charset.StandardCharsets.ISO_8859_1);
        return KINDS.entrySet().stream()
                .filter(kind -> kind.getValue().matcher(start).matches())
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
