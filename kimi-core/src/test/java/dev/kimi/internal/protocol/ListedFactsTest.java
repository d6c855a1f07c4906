package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What services say of their models in their lists. */
class ListedFactsTest {

    private static final ErrorContext CONTEXT = new ErrorContext(1, Duration.ZERO, Instant.EPOCH);

    private static ModelCard listed(String fields) {
        String body = "{\"data\":[{\"id\":\"m\"," + fields.replace('\'', '"') + "}]}";
        return ModelListReader.read(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), CONTEXT)
                .models()
                .get(0);
    }

    @Test
    void kimi_lists_efforts() {
        ModelCard card =
                listed("'think_efforts':{'support':true,'valid_efforts':['low','max'],'default_effort':'max'}");

        assertThat(card.efforts()).containsExactly("low", "max");
        assertThat(card.text(Fact.EFFORT_DEFAULT)).isEqualTo("max");
        assertThat(card.extra()).containsOnlyKeys("think_efforts");
    }

    @Test
    void claude_lists_limits_capabilities_and_the_day_of_retirement() {
        ModelCard card = listed("""
                'max_input_tokens':1000000,'max_tokens':128000,'retires_at':'2027-10-07T00:00:00Z','capabilities':{
                'effort':{'supported':true,'low':{'supported':true},'high':{'supported':true},'max':{'supported':false}},
                'thinking':{'supported':true,'types':{'adaptive':{'supported':true},'disabled':true,'enabled':false}},
                'image_input':{'supported':true},'structured_outputs':{'supported':true}}""");

        assertThat(card.contextLength()).isEqualTo(1_000_000);
        assertThat(card.maxOutputTokens()).isEqualTo(128_000);
        assertThat(card.retired()).isEqualTo(LocalDate.of(2027, 10, 7));
        assertThat(card.efforts()).containsExactly("low", "high");
        assertThat(card.texts(Fact.THINKING_TYPES)).containsExactly("adaptive", "disabled");
        assertThat(card.reasoning()).isTrue();
        assertThat(card.imageInput()).isTrue();
        assertThat(card.flag(Fact.STRUCTURED_OUTPUT)).isTrue();
        assertThat(card.extra()).containsOnlyKeys("max_input_tokens", "max_tokens", "retires_at", "capabilities");
    }

    @Test
    void claude_lists_what_a_model_lacks() {
        ModelCard card = listed("'capabilities':{'structured_outputs':{'supported':false}}");

        assertThat(card.facts()).containsOnly(Map.entry(Fact.STRUCTURED_OUTPUT, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'max_tokens':5",
                "'max_input_tokens':-1,'max_tokens':'many'",
                "'max_input_tokens':null",
                "'context_length':5,'max_input_tokens':'many'",
                "'think_efforts':{'support':false,'valid_efforts':['low']}",
                "'think_efforts':{'support':true,'valid_efforts':[]}",
                "'think_efforts':{'support':true,'valid_efforts':[7]}",
                "'think_efforts':7",
                "'supports_thinking_type':'only'",
                "'retires_at':null",
                "'retires_at':'some day soon'",
                "'capabilities':{'effort':{'supported':false,'low':true},'thinking':{'types':{'adaptive':true}}}",
                "'capabilities':{'effort':{'supported':true},'thinking':7,'image_input':{}}",
                "'capabilities':{'structured_outputs':7}",
                "'capabilities':{'structured_outputs':{'supported':'partly'}}",
                "'capabilities':[]"
            })
    void what_says_nothing_or_cannot_be_understood_is_not_known(String fields) {
        assertThat(listed(fields).facts()).isEmpty();
    }
}
