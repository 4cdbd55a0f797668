package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Puts the steps of {@code use.extensions} around those that they extend; the first extension is the outermost. */
final class ExtensionCompiler {
    private final Parts parts;
    private final StepCompiler steps;

    ExtensionCompiler(Parts parts, StepCompiler steps) {
        this.parts = parts;
        this.steps = steps;
    }

    /**
     * @param header of the step; its condition, flow and place in the list pass to the outermost extension
     * @param compile makes the step itself
     * @return empty when no extension is for this kind of step
     */
    Optional<Node> extend(Node.Header header, JsonNode step, Function<Node.Header, Node> compile) {
        JsonNode extensions = parts.document.path("use").path("extensions");
        Node.Header outer = null;
        var wraps = new java.util.ArrayList<Wrap>();
        for (int i = 0; i < extensions.size(); i++) {
            var item = extensions.get(i).properties().iterator().next();
            if (!isMeant(item.getValue().path("extend").asText(), step)) continue;
            String place = "/use/extensions/" + i + "/" + Pointers.escape(item.getKey());
            wraps.add(new Wrap(item.getValue(), place, header.pointer() + "/extended:" + i));
        }
        if (wraps.isEmpty()) return Optional.empty();
        Node node = compile.apply(plain(header, wraps.getLast().pointer()));
        for (int i = wraps.size() - 1; i >= 0; i--) {
            String parent = i == 0 ? header.parent() : wraps.get(i - 1).pointer();
            node = wrap(wraps.get(i), i == 0 ? header : outer(header), parent, node);
            if (i > 0) steps.keep(node);
        }
        return Optional.of(node);
    }

    /** @param place of the extension in the document; @param pointer of the node that it becomes */
    private record Wrap(JsonNode extension, String place, String pointer) {}

    private Node.Extension wrap(Wrap wrap, Node.Header header, String parent, Node target) {
        var own = new Node.Header(
                wrap.pointer(),
                parent,
                header.index(),
                header.name(),
                header.source(),
                header.described(),
                header.condition(),
                Node.Data.NONE,
                Optional.empty(),
                header.then(),
                Map.of());
        return new Node.Extension(
                own,
                parts.expression(wrap.extension(), "when", wrap.place()),
                list(wrap, "before", header),
                target,
                list(wrap, "after", header));
    }

    private Optional<Node.Sequence> list(Wrap wrap, String member, Node.Header header) {
        if (!wrap.extension().has(member)) return Optional.empty();
        var place = new StepCompiler.Place(wrap.pointer(), header.parent(), 0, header.pointer());
        return Optional.of(steps.list(place, "/" + member, wrap.extension().get(member)));
    }

    /** The step inside its extensions: they decide whether it is entered and where the list goes on. */
    private static Node.Header plain(Node.Header header, String parent) {
        return new Node.Header(
                header.pointer(),
                parent,
                header.index(),
                header.name(),
                header.source(),
                header.described(),
                Optional.empty(),
                header.data(),
                header.timeout(),
                Flow.CONTINUE,
                header.attributes());
    }

    private static Node.Header outer(Node.Header header) {
        return plain(header, header.parent());
    }

    private static boolean isMeant(String extend, JsonNode step) {
        return switch (extend) {
            case "all" -> true;
            case "composite" -> (step.has("do") && !step.has("for")) || step.has("fork");
            default -> step.has(extend);
        };
    }
}
