package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Headers;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What failed for everybody at an address is tried at another address before it is tried there with another key. */
class FailureOfAddressTest implements Transport {

    private static final String GOOD = "{\"id\":\"1\",\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"message\":"
            + "{\"role\":\"assistant\",\"content\":\"sky\"},\"finish_reason\":\"stop\"}],\"usage\":"
            + "{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    private final VirtualTime time = new VirtualTime();
    /** By key; 200 where there is none. */
    private final Map<String, Integer> statuses = new HashMap<>();
    /** The keys of the requests, in order. */
    private final List<String> sent = new ArrayList<>();

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        String key = String.valueOf(request.headers().first("authorization")).replace("Bearer sk-", "");
        sent.add(key);
        int status = statuses.getOrDefault(key, 200);
        time.schedule(1, () -> {
            handler.onHeaders(
                    status,
                    Headers.builder().add("content-type", "application/json").build());
            String body = status == 200 ? GOOD : "{\"error\":{\"message\":\"no\"}}";
            handler.onBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
            handler.onComplete(Headers.empty());
        });
        return new Exchange() {
            @Override
            public void request(long chunks) {}

            @Override
            public void abort() {}
        };
    }

    @Override
    public void close() {}

    private KimiClient client(RetryPolicy retry) {
        return KimiClient.builder()
                .apiKeys(List.of("sk-a", "sk-b", "sk-c"))
                .transport(this)
                .callbackExecutor(Runnable::run)
                .retryPolicy(retry)
                .time(time, time)
                .failover(KimiClient.builder()
                        .name("other")
                        .baseUrl("https://api.moonshot.cn")
                        .apiKey("sk-other")
                        .retryPolicy(retry)
                        .transport(this))
                .build();
    }

    private CompletableFuture<ChatResponse> chat(KimiClient client, ChatRequest request) {
        CompletableFuture<ChatResponse> response = client.chatAsync(request);
        time.advance(Duration.ofMillis(1));
        return response;
    }

    @Test
    void a_service_that_is_down_costs_one_attempt_and_not_one_for_each_key() {
        statuses.putAll(Map.of("a", 503, "b", 503, "c", 503));
        try (KimiClient client = client(failed -> RetryDecision.stop())) {
            assertThat(chat(client, ChatRequest.of("Why?")).join().endpoint()).isEqualTo("other");
            assertThat(sent).containsExactly("a", "other");
        }
    }

    @Test
    void a_call_that_would_back_off_goes_to_another_address_at_once() {
        statuses.putAll(Map.of("a", 529, "b", 529, "c", 529));
        try (KimiClient client = client(failed -> RetryDecision.after(Duration.ofSeconds(5)))) {
            assertThat(chat(client, ChatRequest.of("Why?")).join().endpoint()).isEqualTo("other");
            assertThat(sent).containsExactly("a", "other");
        }
    }

    @Test
    void the_other_keys_are_the_last_resort() {
        statuses.putAll(Map.of("a", 503, "b", 503, "other", 503));
        try (KimiClient client = client(failed -> RetryDecision.stop())) {
            assertThat(chat(client, ChatRequest.of("Why?")).join().endpoint()).isEqualTo("default-3");
            assertThat(sent).containsExactly("a", "other", "b", "c");
        }
    }

    @Test
    void a_limit_of_an_account_leads_to_the_next_key() {
        statuses.put("a", 401);
        try (KimiClient client = client(failed -> RetryDecision.stop())) {
            assertThat(chat(client, ChatRequest.of("Why?")).join().endpoint()).isEqualTo("default-2");
            assertThat(sent).containsExactly("a", "b");
        }
    }

    @Test
    void a_cache_lifetime_of_ages_is_as_good_as_a_long_one() {
        try (KimiClient client = client(failed -> RetryDecision.stop())) {
            ChatRequest request = ChatRequest.builder()
                    .user("Why?")
                    .sessionId("s")
                    .cacheLifetime(Duration.ofSeconds(Long.MAX_VALUE))
                    .build();

            assertThat(chat(client, request).join().text()).isEqualTo("sky");
        }
    }
}
