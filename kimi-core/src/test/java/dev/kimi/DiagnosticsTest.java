package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.PoolState;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The numbers are exact: each call is in one of them, in the one that says what it does, and none is left behind. */
class DiagnosticsTest implements Transport {

    private static final int FULL_BUDGET = 500;

    private final VirtualTime time = new VirtualTime();
    private final List<ExchangeHandler> sent = new ArrayList<>();
    private CompletableFuture<Credentials> token = CompletableFuture.completedFuture(Credentials.bearer("t"));
    private QuotaDecision quota = QuotaDecision.granted(settlement -> {});
    private final KimiClient client = KimiClient.builder()
            .credentials((CredentialsProvider) () -> token)
            .quota(request -> quota)
            .transport(this)
            .callbackExecutor(Runnable::run)
            .time(time, time)
            .build();

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Override
    public void close() {}

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        sent.add(handler);
        return new Exchange() {
            @Override
            public void request(long chunks) {}

            @Override
            public void abort() {}
        };
    }

    @Override
    public PoolState pool() {
        return PoolState.builder()
                .active(1)
                .idle(2)
                .pending(3)
                .max(4)
                .exchanges(5)
                .build();
    }

    private ExchangeHandler last() {
        return sent.get(sent.size() - 1);
    }

    private CompletableFuture<ChatResponse> chat() {
        return client.chatAsync(ChatRequest.of("hello"));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static final Headers EVENTS =
            Headers.builder().add("content-type", "text/event-stream").build();

    @Test
    void a_client_at_rest_shows_zeros_a_full_budget_and_its_pool() {
        Diagnostics now = client.diagnostics();

        assertThat(now.calls()).isEqualTo(new Diagnostics.Calls(0, 0, 0, 0, 0));
        assertThat(now.openStreams()).isZero();
        assertThat(now.lingering()).isZero();
        assertThat(now.retryTokens()).isEqualTo(FULL_BUDGET);
        assertThat(now.leakedStreams()).isZero();
        assertThat(now.pool())
                .isEqualTo(PoolState.builder()
                        .active(1)
                        .idle(2)
                        .pending(3)
                        .max(4)
                        .exchanges(5)
                        .build());
    }

    @Test
    void each_call_is_counted_by_what_it_is_doing() {
        List<CompletableFuture<?>> calls = new ArrayList<>();
        calls.add(chat());
        last().onHeaders(503, Headers.empty());
        last().onComplete(Headers.empty());
        assertThat(client.diagnostics().calls()).as("in back-off").isEqualTo(new Diagnostics.Calls(0, 0, 0, 0, 1));
        assertThat(client.diagnostics().retryTokens()).isLessThan(FULL_BUDGET);

        calls.add(chat());
        last().onHeaders(200, Headers.empty());
        assertThat(client.diagnostics().calls()).as("receiving").isEqualTo(new Diagnostics.Calls(0, 0, 0, 1, 1));

        calls.add(chat());
        assertThat(client.diagnostics().calls()).as("sending").isEqualTo(new Diagnostics.Calls(0, 0, 1, 1, 1));

        token = new CompletableFuture<>();
        calls.add(chat());
        assertThat(client.diagnostics().calls())
                .as("waiting for credentials")
                .isEqualTo(new Diagnostics.Calls(0, 1, 1, 1, 1));

        quota = QuotaDecision.later(Duration.ofHours(1));
        calls.add(chat());
        assertThat(client.diagnostics().calls()).as("queued").isEqualTo(new Diagnostics.Calls(1, 1, 1, 1, 1));
        assertThat(client.diagnostics().calls().total()).isEqualTo(5);
        assertThat(client.diagnostics().openStreams()).isZero();

        calls.forEach(call -> call.cancel(true));
        assertThat(client.diagnostics().calls().total()).isZero();
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_stream_is_open_until_its_response_is_whole_and_lingers_until_its_last_byte() {
        ChatStream stream = client.stream(ChatRequest.of("hello"));
        assertThat(client.diagnostics().openStreams()).isEqualTo(1);
        assertThat(client.diagnostics().calls()).isEqualTo(new Diagnostics.Calls(0, 0, 1, 0, 0));

        last().onHeaders(200, EVENTS);
        last().onBody(bytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"));
        assertThat(client.diagnostics().openStreams()).isEqualTo(1);
        last().onBody(bytes("data: [DONE]\n\n"));
        assertThat(client.diagnostics().openStreams()).isZero();
        assertThat(client.diagnostics().lingering()).isEqualTo(1);

        last().onComplete(Headers.empty());
        assertThat(client.diagnostics().lingering()).isZero();
        assertThat(client.diagnostics().calls().total()).isZero();
        assertThat(client.diagnostics().retryTokens()).isEqualTo(FULL_BUDGET);
        stream.close();
    }
}
