package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The DSL reference, "Catalog". */
class CatalogTest {
    private static Trial calling(String function) {
        var reader = new DefinitionReader(name -> name.equals("greet:1.0.0")
                ? Optional.of(json("{set: {text: '${ \"Hello \" + .name }'}}"))
                : Optional.empty());
        var definition =
                reader.read(Trial.document("do: [ { one: { call: '" + function + "', with: { name: Ann } } } ]"));
        return Trial.of(definition, Trial.machine(), "{}").start();
    }

    @Test
    void aFunctionOfTheDefaultCatalogIsFoundByNameAndVersion() {
        assertThat(calling("greet:1.0.0@default").output()).isEqualTo(json("{text: 'Hello Ann'}"));
    }

    @Test
    void oneThatIsNoDocumentIsADeployedFunctionWhateverItsVersion() {
        var trial = calling("classify:2.0.0@default");
        assertThat(trial.last(Effect.EnqueueTask.class).function()).isEqualTo("classify");
    }

    @Test
    void anotherCatalogIsRefusedByName() {
        assertThatThrownBy(() -> calling("greet:1.0.0@global"))
                .hasMessageContaining("SL3002")
                .hasMessageContaining("the catalog 'global' cannot be read yet");
    }
}
