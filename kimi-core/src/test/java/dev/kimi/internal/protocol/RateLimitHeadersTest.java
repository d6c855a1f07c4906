package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a response says of the account's limits. */
class RateLimitHeadersTest {

    private static final Headers HEADERS = Headers.builder()
            .add("X-RateLimit-Remaining", "7")
            .add("anthropic-ratelimit-requests-remaining", "49")
            .add("anthropic-ratelimit-input-tokens-reset", "2026-11-27T12:00:20Z")
            .add("anthropic-priority-input-tokens-limit", "1000")
            .add("anthropic-fast-output-tokens-remaining", "0")
            .add("anthropic-fast-output-tokens-remaining", "1")
            .add("retry-after", "3")
            .add("anthropic-organization-id", "org-1")
            .add("set-cookie", "secret")
            .build();

    static Stream<Arguments> protocols() {
        String chat =
                "{\"id\":\"1\",\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                        + "\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        String message = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\","
                + "\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"stop_reason\":\"end_turn\"}";
        return Stream.of(
                Arguments.of(new OpenAiProtocol(), chat),
                Arguments.of(new MessagesProtocol(MessagesProtocol.LATEST_VERSION), message));
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void they_reach_whoever_reads_the_response(Protocol protocol, String body) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
        ErrorContext context = new ErrorContext(1, Duration.ZERO, Instant.EPOCH, 200, HEADERS, "claude");
        ChatStreamDecoder decoder = protocol.decoder(HEADERS, List.of());

        ChatResponse whole = protocol.decode(HEADERS, bytes.duplicate(), context);
        decoder.feed(bytes.duplicate(), event -> {});
        decoder.end(event -> {});

        assertThat(List.of(whole, decoder.response(), whole.toBuilder().build()))
                .allSatisfy(response -> assertThat(response.rateLimits())
                        .hasSize(6)
                        .containsEntry("x-ratelimit-remaining", "7")
                        .containsEntry("anthropic-ratelimit-requests-remaining", "49")
                        .containsEntry("anthropic-ratelimit-input-tokens-reset", "2026-11-27T12:00:20Z")
                        .containsEntry("anthropic-priority-input-tokens-limit", "1000")
                        .containsEntry("anthropic-fast-output-tokens-remaining", "0")
                        .containsEntry("retry-after", "3"));
        assertThat(protocol.decode(Headers.empty(), bytes, context).rateLimits())
                .isEmpty();
    }

    @Test
    void names_that_only_begin_alike_are_no_limits() {
        Headers others = Headers.builder()
                .add("x-ratelimits", "1")
                .add("anthropic-version", "2026-10-21")
                .add("retry-after-ms", "100")
                .build();

        assertThat(RateLimitHeaders.of(others)).isEmpty();
    }
}
