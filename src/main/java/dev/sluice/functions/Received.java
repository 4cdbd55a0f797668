package dev.sluice.functions;

import java.net.http.HttpHeaders;

/**
 * A whole HTTP answer.
 *
 * @param request that was answered; after redirects the last one
 * @param body decoded when it was compressed by gzip
 */
record Received(Outgoing request, int status, HttpHeaders headers, byte[] body) {
    /** Empty when the header is missing. */
    String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    boolean isRedirect() {
        return status / 100 == 3;
    }
}
