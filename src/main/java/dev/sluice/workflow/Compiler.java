package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serverlessworkflow.api.types.CallFunction;
import io.serverlessworkflow.api.types.CallTask;
import io.serverlessworkflow.api.types.DoTask;
import io.serverlessworkflow.api.types.EventFilter;
import io.serverlessworkflow.api.types.EventProperties;
import io.serverlessworkflow.api.types.ForkTask;
import io.serverlessworkflow.api.types.Input;
import io.serverlessworkflow.api.types.ListenTo;
import io.serverlessworkflow.api.types.Output;
import io.serverlessworkflow.api.types.SchemaUnion;
import io.serverlessworkflow.api.types.SetTask;
import io.serverlessworkflow.api.types.TaskBase;
import io.serverlessworkflow.api.types.TaskItem;
import io.serverlessworkflow.api.types.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Turns the SDK's model of one document into nodes. Used once; leaves what it refuses with the findings. */
final class Compiler {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOT_YET = "is not supported yet by this version of Sluice";

    /** A function's name is a CloudEvent type, a header's value and a part of a host's name at once. */
    private static final Pattern FUNCTION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    /** Where a step stands: see {@link Node.Header}. */
    private record Place(String pointer, String parent, int index) {}

    private final JsonNode document;
    private final Workflow workflow;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Findings findings;

    Compiler(JsonNode document, Workflow workflow, Findings findings) {
        this.document = document;
        this.workflow = workflow;
        this.findings = findings;
    }

    Definition compile(String source, String revision) {
        refuse(workflow.getUse() != null, "/use");
        refuse(workflow.getTimeout() != null, "/timeout");
        refuse(document.at("/evaluate/mode").asText().equals("loose"), "/evaluate/mode");
        var header = new Node.Header(
                Definition.ROOT, "", 0, "", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        nodes.put(Definition.ROOT, new Node.Sequence(header, List.of()));
        nodes.put(Definition.ROOT, new Node.Sequence(header, children(workflow.getDo(), Definition.ROOT)));
        Input input = workflow.getInput();
        return new Definition(
                workflow.getDocument().getNamespace(),
                workflow.getDocument().getName(),
                workflow.getDocument().getVersion(),
                revision,
                source,
                document,
                triggers(),
                nodes,
                inputFrom(input, "/input/from"),
                inputSchema(input),
                outputAs(workflow.getOutput(), ""),
                expression(document.at("/document/metadata/runTitle").textValue(), "/document/metadata/runTitle"));
    }

    private List<Node> children(List<TaskItem> items, String parent) {
        var children = new ArrayList<Node>(items.size());
        for (int i = 0; i < items.size(); i++) {
            TaskItem item = items.get(i);
            String pointer = parent + "/" + i + "/" + escape(item.getName());
            Node child = node(item, new Place(pointer, enclosingStep(parent), i));
            if (child == null) continue;
            nodes.put(pointer, child);
            children.add(child);
        }
        return children;
    }

    /** {@code /do} for the workflow itself; else the pointer without its last {@code /do} or {@code /fork/branches}. */
    private static String enclosingStep(String list) {
        if (list.equals(Definition.ROOT)) return Definition.ROOT;
        return list.endsWith("/fork/branches")
                ? list.substring(0, list.length() - "/fork/branches".length())
                : list.substring(0, list.length() - "/do".length());
    }

    private Node node(TaskItem item, Place place) {
        String pointer = place.pointer();
        Object task = item.getTask() == null ? null : item.getTask().get();
        if (task instanceof CallTask call) task = call.get();
        return switch (task) {
            case CallFunction call -> {
                checkFunction(call.getCall(), pointer + "/call");
                var with = call.getWith() == null ? Map.of() : call.getWith().getAdditionalProperties();
                yield new Node.Call(header(call, item, place), call.getCall(), template(with, pointer + "/with"));
            }
            case SetTask set -> {
                Object value = set.getSet().getSetTaskConfiguration() != null
                        ? set.getSet().getSetTaskConfiguration().getAdditionalProperties()
                        : set.getSet().getString();
                yield new Node.Set(header(set, item, place), template(value, pointer + "/set"));
            }
            case ForkTask fork -> {
                refuse(fork.getFork().isCompete(), pointer + "/fork/compete");
                yield new Node.Fork(
                        header(fork, item, place), children(fork.getFork().getBranches(), pointer + "/fork/branches"));
            }
            case DoTask sequence ->
                new Node.Sequence(header(sequence, item, place), children(sequence.getDo(), pointer + "/do"));
            case null, default -> {
                refuse(true, pointer);
                yield null;
            }
        };
    }

    private void checkFunction(String name, String pointer) {
        if (FUNCTION.matcher(name).matches()) return;
        findings.add(
                pointer, "'" + name + "' must be 1 to 100 letters, digits, '.', '_' or '-', a letter or digit first");
    }

    private Node.Header header(TaskBase task, TaskItem item, Place place) {
        String pointer = place.pointer();
        refuse(task.getTimeout() != null, pointer + "/timeout");
        refuse(task.getThen() != null, pointer + "/then");
        refuse(task.getInput() != null && task.getInput().getSchema() != null, pointer + "/input/schema");
        refuse(task.getExport() != null && task.getExport().getSchema() != null, pointer + "/export/schema");
        Optional<Template> export = task.getExport() == null || task.getExport().getAs() == null
                ? Optional.empty()
                : transform(task.getExport().getAs().get(), pointer + "/export/as");
        return new Node.Header(
                pointer,
                place.parent(),
                place.index(),
                item.getName(),
                expression(task.getIf(), pointer + "/if"),
                inputFrom(task.getInput(), pointer + "/input/from"),
                outputAs(task.getOutput(), pointer),
                export);
    }

    private Optional<Template> inputFrom(Input input, String pointer) {
        if (input == null || input.getFrom() == null) return Optional.empty();
        return transform(input.getFrom().get(), pointer);
    }

    private Optional<Template> outputAs(Output output, String pointer) {
        if (output == null) return Optional.empty();
        refuse(output.getSchema() != null, pointer + "/output/schema");
        return output.getAs() == null
                ? Optional.empty()
                : transform(output.getAs().get(), pointer + "/output/as");
    }

    private Optional<InputSchema> inputSchema(Input input) {
        SchemaUnion schema = input == null ? null : input.getSchema();
        if (schema == null) return Optional.empty();
        refuse(schema.getSchemaInline() == null, "/input/schema/resource");
        String format = document.at("/input/schema/format").asText("json");
        refuse(!format.equals("json") && !format.startsWith("json:"), "/input/schema/format");
        return schema.getSchemaInline() == null
                ? Optional.empty()
                : Optional.of(InputSchema.of(tree(schema.getSchemaInline().getDocument())));
    }

    private List<String> triggers() {
        var schedule = workflow.getSchedule();
        if (schedule == null) return List.of();
        refuse(schedule.getEvery() != null, "/schedule/every");
        refuse(schedule.getCron() != null, "/schedule/cron");
        refuse(schedule.getAfter() != null, "/schedule/after");
        ListenTo on = schedule.getOn();
        if (on == null) return List.of();
        var filters = new ArrayList<EventFilter>();
        if (on.getOneEventConsumptionStrategy() != null) {
            filters.add(on.getOneEventConsumptionStrategy().getOne());
        } else if (on.getAnyEventConsumptionStrategy() != null) {
            refuse(on.getAnyEventConsumptionStrategy().getUntil() != null, "/schedule/on/until");
            filters.addAll(on.getAnyEventConsumptionStrategy().getAny());
        } else {
            refuse(true, "/schedule/on/all");
        }
        return filters.stream().map(this::eventType).toList();
    }

    private String eventType(EventFilter filter) {
        EventProperties with = filter.getWith();
        boolean onlyType = with.getType() != null
                && with.getId() == null
                && with.getSource() == null
                && with.getSubject() == null
                && with.getTime() == null
                && with.getDatacontenttype() == null
                && with.getDataschema() == null
                && with.getData() == null
                && with.getAdditionalProperties().isEmpty();
        refuse(!onlyType || filter.getCorrelate() != null, "/schedule/on");
        return with.getType();
    }

    private Optional<Template> transform(Object value, String pointer) {
        return value instanceof String text ? expression(text, pointer) : Optional.of(template(value, pointer));
    }

    private Optional<Template> expression(String text, String pointer) {
        if (text == null) return Optional.empty();
        try {
            return Optional.of(Template.ofExpression(text, pointer));
        } catch (ProblemException e) {
            badExpression(e);
            return Optional.empty();
        }
    }

    private Template template(Object value, String pointer) {
        try {
            return Template.of(tree(value), pointer);
        } catch (ProblemException e) {
            badExpression(e);
            return new Template.Constant(tree(value));
        }
    }

    /** The detail is the pointer, which may lie below the one of the template, and what is wrong there. */
    private void badExpression(ProblemException e) {
        String detail = e.problem().detail();
        int end = detail.indexOf(": '");
        findings.add(detail.substring(0, end), detail.substring(end + 2));
    }

    private static JsonNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    private void refuse(boolean found, String pointer) {
        if (found) findings.unsupported(pointer, NOT_YET);
    }

    /** One token of a JSON pointer (RFC 6901). */
    static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
