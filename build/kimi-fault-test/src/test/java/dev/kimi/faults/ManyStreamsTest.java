package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.time.Timeouts;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ManyStreamsTest {

    /** An event loop, a timer and what the common pool comes up with. */
    private static final int A_HANDFUL = 8;

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP2"})
    void a_thousand_open_streams_need_a_handful_of_threads(Wire wire) {
        try (KimiSimulator service = KimiSimulator.start();
                KimiClient client = wire.client()
                        .baseUrl(service.baseUrl())
                        .apiKey("sk-test")
                        .set(Part.TRANSPORT, "max-connections", "1000")
                        .timeouts(Timeouts.builder()
                                .connect(Duration.ofSeconds(30))
                                .build())
                        .build()) {
            service.otherwise(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
            int before = ManagementFactory.getThreadMXBean().getThreadCount();
            List<StreamSubscriber> streams = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                streams.add(new StreamSubscriber(client.stream(ChatRequest.of("Why " + i + "?"))));
            }
            streams.forEach(stream -> stream.firstEvent.join());

            int threads = ManagementFactory.getThreadMXBean().getThreadCount() - before;

            assertThat(threads).isLessThanOrEqualTo(A_HANDFUL);
            streams.forEach(StreamSubscriber::close);
            assertThat(service.awaitAborted(1_000).join()).hasSize(1_000);
        }
    }
}
