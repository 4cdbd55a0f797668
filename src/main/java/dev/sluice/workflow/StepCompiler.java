package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles steps: lists of them, what all have, and the kinds that hold others. */
final class StepCompiler {
    /** Where a step stands: see {@link Node.Header}. */
    record Place(String pointer, String parent, int index, String described) {
        Place inside(String suffix) {
            return new Place(pointer + suffix, pointer, 0, described);
        }
    }

    /** In place of the index of a step whose name another one has, too. */
    private static final int AMBIGUOUS = -1;

    private final Parts parts;
    private final CallCompiler calls;
    private final LeafCompiler leaves;
    private final ExtensionCompiler extensions;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    StepCompiler(Parts parts) {
        this.parts = parts;
        this.calls = new CallCompiler(parts, this);
        this.leaves = new LeafCompiler(parts);
        this.extensions = new ExtensionCompiler(parts, this);
    }

    Map<String, Node> compile() {
        sequence(Node.Header.list(Definition.ROOT, ""), parts.document.path("do"), Definition.ROOT, "");
        return nodes;
    }

    <T extends Node> T keep(T node) {
        nodes.put(node.pointer(), node);
        return node;
    }

    /** The list under a member of a step: {@code try}, {@code catch.do}, the {@code do} of a loop. */
    Node.Sequence list(Place of, String suffix, JsonNode items) {
        String pointer = of.pointer() + suffix;
        return sequence(Node.Header.list(pointer, of.pointer()), items, pointer, of.described());
    }

    private Node.Sequence sequence(Node.Header header, JsonNode items, String listPointer, String described) {
        Map<String, Integer> names = names(items);
        var children = new ArrayList<Node>(items.size());
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i).properties().iterator().next();
            String pointer = listPointer + "/" + i + "/" + Pointers.escape(item.getKey());
            String about = described.isEmpty() ? "" : described;
            var place = new Place(pointer, header.pointer(), i, about);
            children.add(step(item.getKey(), item.getValue(), place, names));
        }
        return keep(new Node.Sequence(header, List.copyOf(children), loops(children)));
    }

    /** Steps of a list may have the same name, as long as no {@code then} means one of them. */
    private static Map<String, Integer> names(JsonNode items) {
        var names = new HashMap<String, Integer>();
        for (int i = 0; i < items.size(); i++) {
            names.merge(items.get(i).fieldNames().next(), i, (first, second) -> AMBIGUOUS);
        }
        return names;
    }

    private static boolean loops(List<Node> children) {
        for (Node child : children) {
            if (leadsBack(child.header().then(), child)) return true;
            Node inner = child instanceof Node.Extension extended ? extended.target() : child;
            if (inner instanceof Node.Switch choice
                    && choice.cases().stream().anyMatch(c -> leadsBack(c.then(), child))) return true;
        }
        return false;
    }

    private static boolean leadsBack(Flow flow, Node from) {
        return flow instanceof Flow.To to && to.index() <= from.header().index();
    }

    private Node step(String name, JsonNode step, Place place, Map<String, Integer> names) {
        Node.Header header = header(name, step, place, names);
        if (place.described().isEmpty()) {
            Optional<Node> extended = extensions.extend(header, step, inner -> kind(inner, step, place, names));
            if (extended.isPresent()) return keep(extended.get());
        }
        return kind(header, step, place, names);
    }

    /** The step by itself, without what extends it. */
    Node kind(Node.Header header, JsonNode step, Place place, Map<String, Integer> names) {
        if (step.has("for")) return keep(loop(header, step, place));
        if (step.has("do")) return sequence(header, step.get("do"), place.pointer() + "/do", place.described());
        if (step.has("fork")) return keep(fork(header, step.get("fork"), place));
        if (step.has("try")) return keep(attempt(header, step, place));
        if (step.has("switch")) return keep(choice(header, step.get("switch"), place.pointer() + "/switch", names));
        if (step.has("call")) return keep(calls.call(header, step, place));
        if (step.has("listen")) return keep(listen(header, step, place));
        return keep(leaves.compile(header, step, place.pointer()));
    }

    Node.Header header(String name, JsonNode step, Place place, Map<String, Integer> names) {
        String pointer = place.pointer();
        return new Node.Header(
                pointer,
                place.parent(),
                place.index(),
                name,
                step,
                place.described().isEmpty() ? pointer : place.described(),
                parts.expression(step, "if", pointer),
                data(step, pointer),
                parts.timeout(step, pointer),
                flow(step, pointer, names),
                parts.expressions(
                        step.path("metadata").path("searchAttributes"), pointer + "/metadata/searchAttributes"));
    }

    private Node.Data data(JsonNode step, String pointer) {
        JsonNode input = step.path("input");
        JsonNode output = step.path("output");
        JsonNode export = step.path("export");
        return new Node.Data(
                parts.schema(input, pointer + "/input"),
                parts.expression(input, "from", pointer + "/input"),
                parts.expression(output, "as", pointer + "/output"),
                parts.schema(output, pointer + "/output"),
                parts.expression(export, "as", pointer + "/export"),
                parts.schema(export, pointer + "/export"));
    }

    private Flow flow(JsonNode step, String pointer, Map<String, Integer> names) {
        JsonNode then = step.path("then");
        if (then.isMissingNode()) return Flow.CONTINUE;
        Integer target = names.get(then.asText());
        if (target != null && target == AMBIGUOUS) {
            parts.findings.add(pointer + "/then", "two steps of this list have the name '" + then.asText() + "'");
            return Flow.CONTINUE;
        }
        return switch (then.asText()) {
            case "continue" -> Flow.CONTINUE;
            case "exit" -> Flow.EXIT;
            case "end" -> Flow.END;
            default -> {
                if (target != null) yield new Flow.To(target);
                parts.findings.add(
                        pointer + "/then",
                        "there is no step '" + then.asText() + "' in this list; a flow may go to " + names.keySet()
                                + ", continue, exit or end");
                yield Flow.CONTINUE;
            }
        };
    }

    private Node.For loop(Node.Header header, JsonNode step, Place place) {
        JsonNode loop = step.get("for");
        String pointer = place.pointer();
        return new Node.For(
                header,
                loop.path("each").asText("item"),
                loop.path("at").asText("index"),
                parts.expression(loop.path("in").asText(), pointer + "/for/in"),
                parts.expression(step, "while", pointer),
                list(place, "/do", step.path("do")));
    }

    private Node.Fork fork(Node.Header header, JsonNode fork, Place place) {
        String pointer = place.pointer() + "/fork/branches";
        var branches = new ArrayList<Node>();
        JsonNode items = fork.path("branches");
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i).properties().iterator().next();
            var branch = new Place(
                    pointer + "/" + i + "/" + Pointers.escape(item.getKey()), place.pointer(), i, place.described());
            if (item.getValue().has("then")
                    && !item.getValue().path("then").asText().matches("continue|exit|end")) {
                parts.findings.add(branch.pointer() + "/then", "a branch has no other step to go to");
            }
            branches.add(step(item.getKey(), item.getValue(), branch, Map.of(item.getKey(), i)));
        }
        return new Node.Fork(header, List.copyOf(branches), fork.path("compete").asBoolean());
    }

    private Node.Try attempt(Node.Header header, JsonNode step, Place place) {
        JsonNode caught = step.path("catch");
        String pointer = place.pointer() + "/catch";
        var rule = new Node.Catch(
                caught.path("errors").path("with"),
                caught.path("as").asText("error"),
                parts.expression(caught, "when", pointer),
                parts.expression(caught, "exceptWhen", pointer),
                new RetryCompiler(parts).compile(caught, pointer),
                caught.has("do") ? Optional.of(list(place, "/catch/do", caught.get("do"))) : Optional.empty());
        return new Node.Try(header, list(place, "/try", step.path("try")), rule);
    }

    private Node.Switch choice(Node.Header header, JsonNode items, String pointer, Map<String, Integer> names) {
        var cases = new ArrayList<Node.Case>();
        boolean hasDefault = false;
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i).properties().iterator().next();
            String place = pointer + "/" + i + "/" + Pointers.escape(item.getKey());
            Optional<Template> when = parts.expression(item.getValue(), "when", place);
            if (when.isEmpty() && hasDefault)
                parts.findings.add(place, "a second case without 'when': one can be taken");
            hasDefault |= when.isEmpty();
            cases.add(new Node.Case(when, flow(item.getValue(), place, names)));
        }
        return new Node.Switch(header, List.copyOf(cases));
    }

    private Node.Listen listen(Node.Header header, JsonNode step, Place place) {
        String pointer = place.pointer();
        JsonNode listen = step.get("listen");
        Consumption to = new EventCompiler(parts).consumption(listen.path("to"), pointer + "/listen/to");
        Node.Read read =
                switch (listen.path("read").asText("data")) {
                    case "envelope" -> Node.Read.ENVELOPE;
                    case "raw" -> Node.Read.RAW;
                    default -> Node.Read.DATA;
                };
        return new Node.Listen(
                header,
                to,
                read,
                foreach(step, place),
                parts.optional(step.path("metadata"), "approval", pointer + "/metadata"));
    }

    private Optional<Node.Foreach> foreach(JsonNode step, Place place) {
        JsonNode each = step.path("foreach");
        if (each.isMissingNode()) return Optional.empty();
        String pointer = place.pointer() + "/foreach";
        return Optional.of(new Node.Foreach(
                each.path("item").asText("item"),
                each.path("at").asText("index"),
                list(place, "/foreach/do", each.path("do")),
                data(each, pointer)));
    }
}
