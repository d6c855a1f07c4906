package dev.kimi.docs;

import static dev.kimi.test.Reply.rateLimited;
import static dev.kimi.test.Reply.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.RateLimitException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What one test does to a client, the next does not see. */
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SharedClientTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    static final KimiClient CLIENT = EXTENSION.track(KimiClient.builder()
            .baseUrl(EXTENSION.simulator().baseUrl())
            .apiKey("any")
            .build());

    @AfterAll
    static void closeClient() {
        CLIENT.close();
    }

    @Test
    @Order(1)
    void a_long_wait_is_passed_on_to_the_caller(KimiSimulator kimi) {
        kimi.reply(rateLimited(Duration.ofSeconds(120)));

        assertThatThrownBy(() -> CLIENT.chat("Hi")).isInstanceOf(RateLimitException.class);
        assertThatThrownBy(() -> CLIENT.chat("Hi")).isInstanceOf(RateLimitException.class);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    @Order(2)
    void and_is_over_for_the_next_test(KimiSimulator kimi) {
        kimi.reply(text("Hello."));

        assertThat(CLIENT.chat("Hi").text()).isEqualTo("Hello.");
    }
}
