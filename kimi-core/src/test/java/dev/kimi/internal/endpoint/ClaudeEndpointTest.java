package dev.kimi.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.Usage;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.quota.Settlement;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What Claude counts of a call, and what its responses say of limits. */
class ClaudeEndpointTest {

    private final VirtualTime time = new VirtualTime();
    private final Endpoint claude = endpoint();

    private Endpoint endpoint() {
        Random random = new Random(1);
        EndpointSettings place = new EndpointSettings(
                "claude",
                URI.create("https://api.anthropic.com"),
                new MessagesProtocol(MessagesProtocol.LATEST_VERSION),
                true,
                ModelNames.asAsked("claude-opus-4-8"),
                new ModelCards.Settings().cards(),
                "test/1",
                BookingPolicy.WRITTEN_COUNTED,
                new RetrySettings(RetryPolicy.never(), true, random));
        Account account = new Account("claude", Quota.unlimited(), time, time, random);
        Transport none = new Transport() {
            @Override
            public Exchange send(TransportRequest request, ExchangeHandler handler) {
                throw new AssertionError("nothing is sent");
            }

            @Override
            public void close() {}
        };
        return new Endpoint(place, account, CredentialsProvider.apiKey("sk-test"), none);
    }

    private QuotaRequest reserved() {
        ChatRequest request =
                ChatRequest.builder().user("hello").maxCompletionTokens(64_000).build();
        return claude.quotaRequest(new CallRequest.Chat(request, false));
    }

    @Test
    void the_cap_of_the_output_books_nothing() {
        QuotaRequest reserved = reserved();

        assertThat(reserved.outputCap()).isEqualTo(64_000);
        assertThat(reserved.bookedOutputTokens()).isZero();
        assertThat(reserved.bookedInputTokens())
                .isEqualTo(reserved.inputTokens())
                .isPositive();
        assertThat(reserved.modelClass()).isEqualTo("claude-opus-4");
    }

    @Test
    void what_was_read_from_the_cache_does_not_count_and_what_was_written_to_it_does() {
        Usage usage = Usage.builder()
                .promptTokens(1_000)
                .cachedTokens(700)
                .cacheWriteTokens(200)
                .completionTokens(50)
                .reasoningTokens(30)
                .build();

        Settlement settled = claude.settlement(reserved(), Settlement.Outcome.COMPLETED, usage, Headers.empty());

        assertThat(settled.countedInputTokens()).isEqualTo(300);
        assertThat(settled.countedOutputTokens()).isEqualTo(50);
    }

    @Test
    void a_prompt_from_the_cache_alone_counts_for_nothing() {
        Usage usage = Usage.builder()
                .promptTokens(700)
                .cachedTokens(700)
                .completionTokens(1)
                .build();

        assertThat(claude.settlement(reserved(), Settlement.Outcome.COMPLETED, usage, Headers.empty())
                        .countedInputTokens())
                .isZero();
    }

    @Test
    void the_headers_of_all_its_limits_reach_the_quota() {
        Headers response = Headers.builder()
                .add("anthropic-ratelimit-input-tokens-remaining", "1000")
                .add("anthropic-priority-output-tokens-reset", "2026-11-27T12:00:00Z")
                .add("anthropic-fast-input-tokens-limit", "5000")
                .add("anthropic-organization-id", "org-1")
                .add("retry-after", "3")
                .build();

        Settlement settled = claude.settlement(reserved(), Settlement.Outcome.NOT_COUNTED, Usage.NONE, response);

        assertThat(settled.rateLimits())
                .containsOnlyKeys(
                        "anthropic-ratelimit-input-tokens-remaining",
                        "anthropic-priority-output-tokens-reset",
                        "anthropic-fast-input-tokens-limit",
                        "retry-after");
    }
}
