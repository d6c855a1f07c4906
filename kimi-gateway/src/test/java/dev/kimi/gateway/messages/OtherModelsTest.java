package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.changed;
import static dev.kimi.gateway.messages.MessagesFixture.dropped;
import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import org.junit.jupiter.api.Test;

/** Translations for models of which little is known, or other things than of Kimi K3. */
class OtherModelsTest {

    private static final String ASKS = q("{'model':'m','messages':[{'role':'user','content':%s}],"
            + "'tools':[{'name':'t','input_schema':{}}],'temperature':0.5,'top_p':0.9,'max_tokens':300000,"
            + "'output_config':{'effort':'medium'},%s}");
    private static final ModelCard ALWAYS_THINKS = ModelCard.builder("kimi-k3.1-pro")
            .contextLength(262_144)
            .reasoning(true)
            .fact(Fact.THINKING, "always")
            .fact(Fact.REASONING_OWED, true)
            .fact(Fact.MOONSHOT_SCHEMAS, true)
            .build();
    private static final ModelCard UNKNOWN = ModelCard.builder("mystery").build();

    private static RelayForm.Translated translated(ModelCard card, String content, String members) {
        RelayTarget target = new RelayTarget("other", Provenance.OPENAI, "service", card.id(), card);
        return (RelayForm.Translated)
                read(ASKS.formatted(q(content), q(members))).formFor(target);
    }

    @Test
    void line_16_17_a_model_that_always_thinks_takes_an_effort_and_no_switch() {
        RelayForm.Translated form = translated(
                ALWAYS_THINKS, "'Hi'", "'thinking':{'type':'disabled'},'tool_choice':{'type':'tool','name':'t'}");

        assertThat(form.chat().reasoningEffort()).isEqualTo("high");
        assertThat(form.chat().thinking()).isNull();
        assertThat(form.chat().toolChoice()).isEqualTo(Tool.Choice.AUTO);
        assertThat(form.chat().temperature()).isNull();
        assertThat(changed(form)).contains("thinking", "tool_choice", "output_config.effort", "max_tokens");
    }

    @Test
    void line_28_the_window_has_room_for_the_prompt_and_the_response() {
        RelayForm.Translated form = translated(ALWAYS_THINKS, "'" + "word ".repeat(60_000) + "'", "'x':null");

        assertThat(form.chat().maxCompletionTokens()).isBetween(262_144 - 101_000, 262_144 - 100_000);
        assertThat(translated(ALWAYS_THINKS, "'" + "word ".repeat(200_000) + "'", "'x':null")
                        .chat()
                        .maxCompletionTokens())
                .isEqualTo(8_192);
    }

    @Test
    void line_29_of_a_model_that_is_not_known_nothing_is_assumed() {
        RelayForm.Translated form = translated(
                UNKNOWN,
                "[{'type':'image','source':{'type':'url','url':'https://x/y.png'}}]",
                "'thinking':{'type':'adaptive'},'tool_choice':{'type':'any'}");

        assertThat(form.chat().thinking()).isNull();
        assertThat(form.chat().reasoningEffort()).isNull();
        assertThat(form.chat().temperature()).isEqualTo(0.5);
        assertThat(form.chat().topP()).isEqualTo(0.9);
        assertThat(form.chat().maxCompletionTokens()).isEqualTo(300_000);
        assertThat(form.chat().toolChoice()).isEqualTo(Tool.Choice.REQUIRED);
        assertThat(form.chat().messages().get(0).parts()).containsExactly(ContentPart.image("https://x/y.png"));
        assertThat(dropped(form)).containsExactlyInAnyOrder("thinking", "output_config.effort");
        assertThat(changed(form)).isEmpty();
    }
}
