package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.Part;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.ReceivedRequest;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OAuth2EndToEndTest {

    private final KimiSimulator kimi =
            KimiSimulator.builder().oauth2("client", "s3cret +/%").start();

    private KimiClientBuilder builder(String secret) {
        return KimiClient.builder()
                .baseUrl(kimi.baseUrl())
                .provider(Part.AUTH, "oauth2")
                .set(Part.AUTH, "token-uri", kimi.baseUrl() + "/oauth/token")
                .set(Part.AUTH, "client-id", "client")
                .set(Part.AUTH, "client-secret", secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "post"})
    void a_token_is_fetched_carried_and_kept(String style) {
        try (kimi;
                KimiClient client = builder("s3cret +/%")
                        .set(Part.AUTH, "client-authentication", style)
                        .build()) {
            assertThat(client.chat("one").text()).isNotEmpty();
            assertThat(client.chat("two").text()).isNotEmpty();
            assertThat(kimi.tokens().calls()).isEqualTo(1);
        }
    }

    @Test
    void every_request_says_who_sends_it() {
        String library = "kimi-java/\\d+\\.\\d+\\.\\d+(-SNAPSHOT)? Java/"
                + Runtime.version().feature();
        try (kimi;
                KimiClient client = builder("s3cret +/%").build();
                KimiClient named =
                        builder("s3cret +/%").userAgent(" my-app/1.2 ").build()) {
            client.chat("one");
            client.models();
            try (ChatStream stream = client.stream(ChatRequest.of("two"))) {
                stream.forEach(event -> {});
            }
            client.exchangeAsync(ServiceRequest.get("/v1/users/me/balance")).join();
            assertThat(kimi.requests())
                    .extracting(ReceivedRequest::path)
                    .contains("/oauth/token", "/v1/chat/completions", "/v1/models", "/v1/users/me/balance");
            assertThat(kimi.requests())
                    .allSatisfy(request -> assertThat(request.headers("user-agent"))
                            .singleElement()
                            .asString()
                            .matches(library));

            named.chat("three");
            assertThat(lastUserAgent()).matches("my-app/1\\.2 " + library);
            named.exchangeAsync(ServiceRequest.get("/v1/models").header("User-Agent", "mine"))
                    .join();
            assertThat(lastUserAgent()).isEqualTo("mine");
        }
    }

    private String lastUserAgent() {
        List<ReceivedRequest> requests = kimi.requests();
        List<String> lines = requests.get(requests.size() - 1).headers("user-agent");
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    @Test
    void after_a_revocation_all_callers_are_replayed_with_one_new_token() {
        try (kimi;
                KimiClient client = builder("s3cret +/%").build()) {
            client.chat("one");
            kimi.tokens().revokeAll();
            List<CompletableFuture<ChatResponse>> calls = IntStream.range(0, 500)
                    .mapToObj(i -> client.chatAsync(ChatRequest.of("call " + i)))
                    .toList();
            assertThat(calls).allSatisfy(call -> assertThat(call.join().text()).isNotEmpty());
            assertThat(kimi.tokens().calls()).isEqualTo(2);
            assertThat(kimi.requests().stream()
                            .filter(request -> request.path().contains("chat"))
                            .count())
                    .as("one call before, and each of the others at most twice")
                    .isLessThanOrEqualTo(1 + 2 * 500);
        }
    }

    @Test
    void a_token_that_is_good_serves_on_while_the_endpoint_is_down() {
        VirtualTime time = new VirtualTime();
        try (kimi;
                KimiClient client = builder("s3cret +/%").time(time, time).build()) {
            client.chat("one");
            kimi.tokens().failWith(503, "temporarily_unavailable");
            time.advance(Duration.ofMinutes(50));

            for (int call = 0; call < 20; call++) {
                assertThat(client.chat("while it is down").text()).isNotEmpty();
            }

            kimi.tokens().recover();
            while (!bearers().contains("Bearer at-2")) {
                time.advance(Duration.ofSeconds(1));
                client.chat("once it is back");
            }
            assertThat(bearers()).containsExactly("Bearer at-1", "Bearer at-2");
        }
    }

    private Set<String> bearers() {
        return kimi.requests().stream()
                .filter(request -> request.path().contains("chat"))
                .flatMap(request -> request.headers("authorization").stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Test
    void a_rejected_client_fails_without_its_secret() {
        try (kimi;
                KimiClient client = builder("wrong-s3cret").build()) {
            assertThatThrownBy(() -> client.chat("one"))
                    .isInstanceOf(AuthenticationException.class)
                    .hasMessageContaining("kimi.auth.client-id")
                    .hasMessageNotContaining("wrong-s3cret");
            assertThat(kimi.requests()).noneMatch(request -> request.path().contains("chat"));
        }
    }

    @Test
    void settings_are_checked_at_the_start() {
        try (kimi) {
            assertThatThrownBy(() -> builder("x")
                            .set(Part.AUTH, "token-uri", "http://auth.example/token")
                            .build())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("kimi.auth.token-uri");
            assertThatThrownBy(
                            () -> builder("x").set(Part.AUTH, "client-id", null).build())
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("kimi.auth.client-id");
        }
    }
}
