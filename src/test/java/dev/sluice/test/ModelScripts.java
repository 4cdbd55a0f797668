package dev.sluice.test;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The models of a test. An attempt that is delivered again and asks the same hears the same, as from the journal. */
final class ModelScripts {
    private record Question(Call.Id call, String model, String prompt) {}

    private final Map<String, ModelScript> scripts = new LinkedHashMap<>();
    private final Map<Question, ModelScript.Said> journal = new HashMap<>();

    ModelScript script(String model) {
        return scripts.computeIfAbsent(model, name -> new ModelScript());
    }

    ModelScript.Said ask(String model, String prompt, Call.Id call) {
        ModelScript script = scripts.get(model);
        if (script == null) {
            throw new AssertionError("the model '" + model + "' was asked by " + call.step()
                    + ", and this test does not say what it answers. Add: sluice.model(\"" + model
                    + "\").says(\"…\"). Known: " + scripts.keySet());
        }
        var question = new Question(call, model, prompt);
        if (!journal.containsKey(question)) journal.put(question, script.say(model, prompt));
        return journal.get(question);
    }
}
