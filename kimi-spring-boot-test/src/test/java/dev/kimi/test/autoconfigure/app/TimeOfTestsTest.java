package dev.kimi.test.autoconfigure.app;

import static dev.kimi.test.Reply.generated;
import static dev.kimi.test.Reply.rateLimited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.test.AccountLimits;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiTest;
import dev.kimi.test.autoconfigure.KimiTestClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

@Timeout(60)
@KimiTest
class TimeOfTestsTest {

    @Autowired
    KimiSimulator kimi;

    @Autowired
    KimiClient client;

    @Autowired
    KimiTestClock clock;

    @Test
    void a_hint_of_the_service_is_not_waited_for_in_real_time() {
        Duration before = clock.skipped();
        kimi.reply(rateLimited(Duration.ofSeconds(50)));

        client.chat("Why is the sky blue?");

        assertThat(clock.skipped().minus(before)).isGreaterThan(Duration.ofSeconds(45));
    }

    @Test
    void the_limits_of_the_simulator_pass_with_it() {
        kimi.limits(AccountLimits.none().withRequestsPerMinute(1));

        client.chat("One");
        client.chat("Two");

        assertThat(kimi.requests()).hasSize(3);
    }

    @Test
    void a_limit_passes_when_the_test_says_so() throws Exception {
        kimi.reply(generated().stallBeforeHeaders());
        CompletableFuture<ChatResponse> response = client.chatAsync(ChatRequest.of("Why is the sky blue?"));
        kimi.awaitRequests(1).get(10, TimeUnit.SECONDS);

        clock.advance(Duration.ofMinutes(15));

        assertThat(response)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(DeadlineExceededException.class);
    }
}
