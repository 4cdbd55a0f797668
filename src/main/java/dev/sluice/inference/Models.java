package dev.sluice.inference;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import jakarta.enterprise.context.ApplicationScoped;

/** Placeholder until the package `inference` is merged. */
@ApplicationScoped
public class Models {
    public Answer ask(Ask ask) {
        throw Problem.of(Code.SL5005, "No model is configured.").asException();
    }
}
