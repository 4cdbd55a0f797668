package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks at the images of a chat completion that are named by a URL: a model server of one's own would fetch them
 * itself, from inside of the network that it stands in. {@code data:} URLs carry the image with them and always pass.
 *
 * <p>What is left: the server resolves the name again, and may follow a redirect. Where strangers send requests, its
 * own network rules must hold as well, or only {@code data:} URLs are taken.
 */
final class ImageUrls {
    /** 100 images: more than any model takes in one request. */
    private static final int IMAGES_MAX = 100;

    /** Videos and sounds are fetched by vLLM alone, and from anywhere as well. */
    private static final List<String> MEMBERS = List.of("image_url", "video_url", "audio_url");

    private ImageUrls() {}

    /**
     * Blocks while names are resolved; does not when there is no URL but {@code data:}.
     *
     * @return why the request must not go to an endpoint, with the place and without the URL, which may hold a secret
     */
    static Optional<String> refusal(JsonNode request) {
        return refusal(request, PublicAddresses::refusal);
    }

    static Optional<String> refusal(JsonNode request, Function<String, Optional<String>> check) {
        int images = 0;
        JsonNode messages = request.path("messages");
        for (int m = 0; m < messages.size(); m++) {
            JsonNode content = messages.path(m).path("content");
            for (int p = 0; p < content.size(); p++) {
                for (String member : MEMBERS) {
                    JsonNode image = content.path(p).path(member);
                    JsonNode url = image.isTextual() ? image : image.path("url");
                    if (image.isMissingNode() || isData(url)) continue;
                    String at = "/messages/" + m + "/content/" + p + "/" + member;
                    if (++images > IMAGES_MAX) return Optional.of("more than " + IMAGES_MAX + " images, see " + at);
                    Optional<String> refusal = check.apply(url.asText(""));
                    if (refusal.isPresent()) return Optional.of("the image at " + at + " is refused: " + refusal.get());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isData(JsonNode url) {
        return url.isTextual() && url.textValue().regionMatches(true, 0, "data:", 0, 5);
    }
}
