package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.beans.factory.annotation.Autowired;

/** A component that has a chat client of Spring AI. */
@Timeout(60)
@KimiTest
class PackingAssistantTest {

    @Autowired
    KimiSimulator kimi;

    @Autowired
    PackingAssistant assistant;

    @Test
    void has_the_tools_of_the_application_and_remembers() {
        kimi.reply(
                toolCall("rain", "{\"city\":\"Bern\",\"hours\":3}"), text("An umbrella."), text("An umbrella, still."));

        assertThat(assistant.ask("ann", "What do I pack for Bern?")).isEqualTo("An umbrella.");
        assertThat(assistant.ask("ann", "And now?")).isEqualTo("An umbrella, still.");

        assertThat(kimi.requests().get(1).bodyText()).contains("\"12\"");
        assertThat(kimi.requests().get(2).bodyText()).contains("What do I pack for Bern?", "An umbrella.");
    }

    @Test
    void a_chat_model_waits_on_the_clock_of_the_test(@Autowired ChatModel model) {
        kimi.reply(rateLimited(Duration.ofSeconds(30)), text("Yes."));

        assertThat(model.call("Is it?")).isEqualTo("Yes.");
        assertThat(kimi.requests()).hasSize(2);
    }
}
