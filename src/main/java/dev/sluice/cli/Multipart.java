package dev.sluice.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A body of {@code multipart/form-data} (RFC 7578) that streams its files from disk. */
record Multipart(String boundary, BodyPublisher body) {

    /**
     * One part named {@code file} for each file.
     *
     * @param boundary letters, digits and hyphens, in none of the files: a random id
     */
    static Multipart of(String boundary, List<Path> files) throws FileNotFoundException {
        List<BodyPublisher> parts = new ArrayList<>();
        for (Path file : files) {
            parts.add(BodyPublishers.ofString("--" + boundary
                    + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + quoted(name(file))
                    + "\"\r\nContent-Type: " + mediaType(file) + "\r\n\r\n"));
            parts.add(BodyPublishers.ofFile(file));
            parts.add(BodyPublishers.ofString("\r\n"));
        }
        parts.add(BodyPublishers.ofString("--" + boundary + "--\r\n"));
        return new Multipart(boundary, BodyPublishers.concat(parts.toArray(BodyPublisher[]::new)));
    }

    String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? file.toString() : name.toString();
    }

    /** As browsers do it (WHATWG HTML, multipart/form-data encoding). */
    private static String quoted(String name) {
        return name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String mediaType(Path file) {
        try {
            String type = Files.probeContentType(file);
            return type == null ? "application/octet-stream" : type;
        } catch (IOException e) {
            return "application/octet-stream";
        }
    }
}
