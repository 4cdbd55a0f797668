package dev.sluice.api;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The page of an error code: what it means and what to do. */
@Path("/v1/errors")
public class ErrorsResource {

    @GET
    @Path("/{code}")
    @Produces("text/markdown;charset=UTF-8")
    public String page(@PathParam("code") String code) throws IOException {
        boolean known = Arrays.stream(Code.values()).anyMatch(c -> c.name().equals(code));
        try (InputStream page = known ? getClass().getResourceAsStream("/errors/" + code + ".md") : null) {
            if (page == null) {
                throw Problem.of(Code.SL2013, "there is no error code '" + code + "'")
                        .asException();
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
