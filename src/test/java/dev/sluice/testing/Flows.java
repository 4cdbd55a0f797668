package dev.sluice.testing;

/** Small documents for the tests of the extension. */
final class Flows {
    private Flows() {}

    /** A document of this name with this after its {@code document} member. */
    static String named(String name, String rest) {
        return """
                document: { dsl: '1.0.1', namespace: test, name: %s, version: '1.0.0' }
                %s""".formatted(name, rest);
    }

    static String flow(String rest) {
        return named("trial", rest);
    }
}
