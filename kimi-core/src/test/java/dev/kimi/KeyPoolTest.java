package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Several keys of one service: each is an account of its own, and one of them is no worse than another. */
class KeyPoolTest implements Transport {

    private static final int SESSIONS = 400;

    /** What the service responds to a key, with names and values of headers. */
    private record Reply(int status, String body, String... headers) {}

    private static final Reply GOOD = new Reply(
            200,
            "{\"id\":\"1\",\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"sky\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
                    + "\"completion_tokens\":1,\"total_tokens\":2}}");

    private final VirtualTime time = new VirtualTime();
    private final Map<String, Reply> replies = new HashMap<>();
    /** The keys of the requests, in order. */
    private final List<String> sent = new ArrayList<>();

    @Override
    public Exchange send(TransportRequest request, ExchangeHandler handler) {
        String key = String.valueOf(request.headers().first("authorization")).replace("Bearer sk-", "");
        sent.add(key);
        Reply reply = replies.getOrDefault(key, GOOD);
        time.schedule(1, () -> {
            Headers.Builder headers = Headers.builder().add("content-type", "application/json");
            for (int i = 0; i < reply.headers().length; i += 2) {
                headers.add(reply.headers()[i], reply.headers()[i + 1]);
            }
            handler.onHeaders(reply.status(), headers.build());
            handler.onBody(ByteBuffer.wrap(reply.body().getBytes(StandardCharsets.UTF_8)));
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

    private KimiClientBuilder builder(String... keys) {
        return KimiClient.builder()
                .apiKeys(List.of(keys))
                .transport(this)
                .callbackExecutor(Runnable::run)
                .retryPolicy(RetryPolicy.never())
                .time(time, time);
    }

    private KimiClient client() {
        return builder("sk-a", "sk-b", "sk-c").build();
    }

    private String endpointOf(KimiClient client, @Nullable String session) {
        ChatRequest.Builder request = ChatRequest.builder().user("Why?");
        if (session != null) {
            request.sessionId(session);
        }
        CompletableFuture<ChatResponse> response = client.chatAsync(request.build());
        time.advance(Duration.ofNanos(10));
        return response.join().endpoint();
    }

    private Map<String, String> endpoints(KimiClient client) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < SESSIONS; i++) {
            all.put("session-" + i, endpointOf(client, "session-" + i));
        }
        return all;
    }

    private static long count(Map<String, String> endpoints, String name) {
        return endpoints.values().stream().filter(name::equals).count();
    }

    /** A session that belongs to the endpoint. */
    private String sessionOf(KimiClient client, String endpoint) {
        for (int i = 0; ; i++) {
            if (endpointOf(client, "s" + i).equals(endpoint)) {
                return "s" + i;
            }
        }
    }

    @Test
    void new_conversations_are_spread_and_each_stays_in_every_process_whatever_the_order_of_the_keys() {
        Map<String, String> first;
        try (KimiClient client = client()) {
            first = endpoints(client);
            assertThat(List.of("default", "default-2", "default-3"))
                    .allSatisfy(name -> assertThat(count(first, name)).isBetween(100L, 167L));
            time.advance(Duration.ofHours(1));
            assertThat(endpoints(client)).isEqualTo(first);
        }
        try (KimiClient other = builder("sk-c", "sk-a", "sk-b").build()) {
            Map<String, String> moved = endpoints(other);
            Map<String, String> names =
                    Map.of("default", "default-2", "default-2", "default-3", "default-3", "default");
            first.forEach((session, at) -> assertThat(moved).containsEntry(session, String.valueOf(names.get(at))));
        }
    }

    @Test
    void another_key_takes_conversations_and_moves_no_others() {
        Map<String, String> before;
        try (KimiClient client = client()) {
            before = endpoints(client);
        }
        try (KimiClient client = builder("sk-a", "sk-b", "sk-c", "sk-d").build()) {
            Map<String, String> after = endpoints(client);
            assertThat(count(after, "default-4")).isBetween(70L, 130L);
            after.forEach((session, at) -> {
                if (!at.equals("default-4")) {
                    assertThat(before).containsEntry(session, at);
                }
            });
        }
    }

    @Test
    void calls_of_no_conversation_go_to_the_first_key_whose_prompt_cache_they_share() {
        try (KimiClient client = client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(endpointOf(client, null)).isEqualTo("default");
            }
        }
    }

    @Test
    void a_client_at_the_same_address_is_a_reserve_and_gets_no_conversations() {
        KimiClientBuilder reserve = builder("sk-b").name("reserve");
        try (KimiClient client = builder("sk-a").failover(reserve).build()) {
            assertThat(endpoints(client).values()).containsOnly("default");
        }
    }

    @Test
    void a_key_that_is_rejected_is_left_by_its_conversations_only_and_they_stay_where_they_went() {
        try (KimiClient client = client()) {
            String ofThird = sessionOf(client, "default-3");
            String ofSecond = sessionOf(client, "default-2");
            replies.put("c", new Reply(401, "{\"error\":{\"message\":\"Invalid key\"}}"));
            sent.clear();

            assertThat(endpointOf(client, ofThird)).isEqualTo("default");
            assertThat(endpointOf(client, ofThird)).isEqualTo("default");
            assertThat(endpointOf(client, ofSecond)).isEqualTo("default-2");
            assertThat(endpointOf(client, null)).isEqualTo("default");

            assertThat(sent).as("tried once").containsExactly("c", "a", "a", "b", "a");
            assertThat(client.diagnostics().circuits())
                    .extracting(circuit -> circuit.state().name())
                    .containsExactly("CLOSED", "CLOSED", "OPEN");
        }
    }

    @Test
    void a_key_without_permission_is_left_too() {
        try (KimiClient client = client()) {
            replies.put("a", new Reply(403, "{\"error\":{\"message\":\"Not allowed\"}}"));

            assertThat(endpointOf(client, null)).isEqualTo("default-2");
            assertThat(endpointOf(client, null)).isEqualTo("default-2");

            assertThat(sent).containsExactly("a", "b", "b");
        }
    }

    @Test
    void a_key_that_cools_down_is_left_for_another_that_does_not() {
        try (KimiClient client = builder("sk-a", "sk-b")
                .retryPolicy(RetryPolicy.standard(3, Duration.ofSeconds(60)))
                .build()) {
            replies.put("a", new Reply(429, "{\"error\":{\"message\":\"slow down\"}}", "retry-after", "20"));
            assertThat(endpointOf(client, null)).isEqualTo("default-2");
            replies.clear();

            assertThat(endpointOf(client, null)).isEqualTo("default-2");
            assertThat(sent).containsExactly("a", "b", "b");

            time.advance(Duration.ofSeconds(30));
            assertThat(endpointOf(client, null)).isEqualTo("default");
        }
    }

    @Test
    void retries_are_paid_by_the_key_that_they_are_made_with() {
        KimiClientBuilder pool = builder("sk-a", "sk-b").retryPolicy(RetryPolicy.standard(3, Duration.ofSeconds(60)));
        try (KimiClient client = pool.build();
                KimiClient ofSecond = builder("sk-b").build()) {
            replies.put("a", new Reply(500, "{}"));
            CompletableFuture<ChatResponse> response = client.chatAsync(ChatRequest.of("Why?"));
            for (int i = 0; i < 100 && !response.isDone(); i++) {
                time.advance(Duration.ofMillis(100));
            }

            assertThat(response.join().endpoint()).isEqualTo("default-2");
            assertThat(sent).containsExactly("a", "a", "a", "b");
            assertThat(client.diagnostics().retryTokens()).isEqualTo(500 - 2 * 14);
            assertThat(ofSecond.diagnostics().retryTokens()).isEqualTo(500);
        }
    }

    @Test
    void a_key_whose_quota_is_used_up_is_left_for_another() {
        KimiClientBuilder pool = builder("sk-a", "sk-b").set(Part.QUOTA, "requests-per-minute", "1");
        try (KimiClient client = pool.build()) {
            assertThat(endpointOf(client, null)).isEqualTo("default");
            CompletableFuture<ChatResponse> next = client.chatAsync(ChatRequest.of("Why?"));
            for (int i = 0; i < 60 && !next.isDone(); i++) {
                time.advance(Duration.ofMillis(100));
            }

            assertThat(next.join().endpoint()).isEqualTo("default-2");
        }
    }
}
