package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

@Timeout(60)
@KimiTest
class AssistantTest {

    @Autowired
    KimiSimulator kimi;

    @Autowired
    Assistant assistant;

    @Test
    void survives_a_burst_of_429() {
        kimi.reply(
                rateLimited(Duration.ofSeconds(30)), rateLimited(Duration.ofSeconds(30)), text("Rayleigh scattering."));

        assertThat(assistant.about("the sky")).contains("Rayleigh");
        assertThat(kimi.requests()).hasSize(3);
    }
}
