package dev.kimi.faults;

import static dev.kimi.test.Reply.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A stream that breaks off while its consumer is slow: more has come than the client's buffer asked for. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class BrokenOffStreamTest {

    /** Texts of 20 characters each. The buffer stops asking at 32, the rest is held. */
    private static final int TEXTS = 47;

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    @Test
    void all_that_came_before_a_stream_broke_off_is_delivered_and_partial() {
        Reply cut = events(100, 20).cutAfterEvents(wire.eventsUntilText(TEXTS));
        try (KimiSimulator kimi = KimiSimulator.start();
                KimiClient client =
                        wire.client().baseUrl(kimi.baseUrl()).apiKey("sk-test").build()) {
            int sent = 0;
            for (Reply reply : List.of(cut, cut.byReset())) {
                kimi.reply(reply);
                int count = ++sent;
                List<ChatEvent> events = new ArrayList<>();
                try (ChatStream stream = client.stream(ChatRequest.of("Why?"))) {
                    assertThat(Eventually.holds(
                                    Duration.ofSeconds(20),
                                    () -> kimi.requests().size() == count
                                            && client.pool().exchanges() == 0))
                            .as("the connection is cancelled before the consumer takes anything")
                            .isTrue();

                    TruncatedStreamException truncated =
                            catchThrowableOfType(TruncatedStreamException.class, () -> stream.forEach(events::add));

                    assertThat(events).hasSize(TEXTS);
                    assertThat(truncated.partial().text()).hasSize(TEXTS * 20);
                }
            }
        }
    }
}
