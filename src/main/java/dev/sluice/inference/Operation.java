package dev.sluice.inference;

/** What is asked of a model, by the name that the GenAI conventions of OpenTelemetry have for it. */
enum Operation {
    CHAT("chat", "/chat/completions"),
    EMBEDDINGS("embeddings", "/embeddings");

    /** {@code gen_ai.operation.name}. */
    final String word;

    /** Below an endpoint's base URL. */
    final String path;

    Operation(String word, String path) {
        this.word = word;
        this.path = path;
    }
}
