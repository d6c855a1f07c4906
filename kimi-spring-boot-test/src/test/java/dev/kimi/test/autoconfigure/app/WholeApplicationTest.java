package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.AutoConfigureKimi;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

@Timeout(60)
@SpringBootTest(properties = {"kimi.enabled=false", "kimi.base-url=https://real.example"})
@AutoConfigureKimi
class WholeApplicationTest {

    @Autowired
    KimiSimulator kimi;

    @Autowired
    ArchivingAssistant everything;

    @Autowired
    Assistant assistant;

    @Test
    void the_whole_application_talks_to_the_simulator() {
        kimi.reply(rateLimited(Duration.ofSeconds(50)), text("Rayleigh scattering."));

        assertThat(everything).isNotNull();
        assertThat(assistant.about("the sky")).contains("Rayleigh");
        assertThat(kimi.requests()).hasSize(2);
    }
}
