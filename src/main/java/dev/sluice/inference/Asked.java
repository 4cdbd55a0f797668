package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;

/** What requests may ask for, whoever they come from. */
final class Asked {
    private final boolean privateImages;

    /** @param privateImages images may be at addresses that only this network has */
    Asked(boolean privateImages) {
        this.privateImages = privateImages;
    }

    /**
     * @throws ProblemException SL4017 when an image is where no stranger may send us; SL2014 when nobody could say
     *     beforehand what the answer may cost
     */
    void check(JsonNode request) {
        ChatRequest.unbounded(request).ifPresent(why -> {
            throw Problem.of(Code.SL2014, why + ".").asException();
        });
        if (privateImages) return;
        ImageUrls.refusal(request).ifPresent(why -> {
            throw Problem.of(
                            Code.SL4017,
                            why + ". Send the image itself as a data: URL, or set " + Wrong.PREFIX
                                    + "private-image-urls=allow.")
                    .asException();
        });
    }
}
