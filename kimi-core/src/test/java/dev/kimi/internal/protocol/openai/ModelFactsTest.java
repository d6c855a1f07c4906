package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.internal.json.DataFile;
import dev.kimi.internal.util.Resource;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The facts are data and not code: they are whole, and what does not belong in them is found. */
class ModelFactsTest {

    private static final String FACTS = "model-facts.json";

    @ParameterizedTest
    @CsvSource({
        "kimi-k3, 131072, ON_UNLESS_DISABLED, true, true",
        "kimi-k3.1-pro, 131072, ON_UNLESS_DISABLED, true, false",
        "kimi-k2.7-code, 32768, ALWAYS, true, true",
        "kimi-k2.7-code-highspeed, 32768, ALWAYS, true, true",
        "kimi-k2.7, 32768, ALWAYS, true, false",
        "kimi-k2.6, 32768, AS_REQUESTED, true, true",
        "kimi-, 32768, AS_REQUESTED, true, false",
        "moonshot-v1-8k, 32768, AS_REQUESTED, false, false",
        "'', 32768, AS_REQUESTED, false, false"
    })
    void every_model_belongs_to_a_family(
            String model, long cap, ModelFacts.Thinking thinking, boolean owes, boolean checked) {
        ModelFacts.Family family = ModelFacts.KIMI.family(model);

        assertThat(family.outputCap()).isEqualTo(cap);
        assertThat(family.thinking()).isEqualTo(thinking);
        assertThat(family.owesReasoning()).isEqualTo(owes);
        assertThat(ModelFacts.KIMI.isChecked(model)).isEqualTo(checked);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"max-tools\"|\"most-tools\"|max-tools is missing",
                "\"max-tools\"|\"more\": 1, \"max-tools\"|unknown members [more]",
                "\"output-cap\": 131072|\"output-cap\": \"many\"|output-cap is a String",
                "\"thinking\": \"always\"|\"thinking\": \"often\"|there is no thinking often",
                "\"owes-reasoning\": false|\"owes-reasoning\": false, \"x\": 1|families[3]: unknown members [x]",
                "\"prefix\": \"\"|\"prefix\": \"k\"|the last family must have the prefix"
            })
    void model_facts_with_a_mistake_are_not_read(String right, String wrong, String message) {
        assertThatThrownBy(() -> new ModelFacts(changed(FACTS, right, wrong)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    private static DataFile changed(String resource, String right, String wrong) {
        String text = new String(Resource.bytes(ModelFactsTest.class, resource), StandardCharsets.UTF_8);
        assertThat(text).contains(right);
        return DataFile.of(
                resource, text.replaceFirst(Pattern.quote(right), wrong).getBytes(StandardCharsets.UTF_8));
    }
}
