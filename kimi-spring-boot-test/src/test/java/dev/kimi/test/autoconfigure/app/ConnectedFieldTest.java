package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiServiceConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;

@Timeout(60)
@SpringBootTest(
        properties = {
            "kimi.base-url=https://real.example",
            "kimi.clients.second.base-url=https://second.example",
            "kimi.clients.second.api-key=${SECOND_KEY}"
        })
class ConnectedFieldTest {

    @KimiServiceConnection
    static final KimiSimulator SERVICE = KimiSimulator.start();

    @KimiServiceConnection("second")
    static final KimiSimulator SECOND =
            KimiSimulator.builder().keys("sk-second").start();

    @Autowired
    Assistant assistant;

    @Autowired
    @Qualifier("second") KimiClient second;

    @AfterAll
    static void close() {
        SERVICE.close();
        SECOND.close();
    }

    @Test
    void each_client_talks_to_its_own() {
        SERVICE.reply(text("Rayleigh scattering."));

        assertThat(assistant.about("the sky")).contains("Rayleigh");
        assertThat(SECOND.requests()).isEmpty();

        second.chat("Hi");

        assertThat(SERVICE.requests()).hasSize(1);
        assertThat(SECOND.requests()).hasSize(1);
    }

    @Test
    void the_simulators_are_as_good_as_new_before_each_test() {
        each_client_talks_to_its_own();
    }
}
