package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

@Timeout(60)
@KimiTest
class TravelAssistantTest {

    @Autowired
    KimiSimulator kimi;

    @Autowired
    TravelAssistant assistant;

    @Test
    void gives_the_model_what_the_tools_of_the_application_found() {
        kimi.reply(toolCall("minutes", "{\"from\":\"Bern\",\"to\":\"Zug\"}"), text("About an hour."));

        assertThat(assistant.ask("How long from Bern to Zug?")).isEqualTo("About an hour.");
        assertThat(kimi.requests().get(1).bodyText()).contains("\"56\"");
    }
}
