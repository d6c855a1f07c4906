package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitsTest {

    private final VirtualTime time = new VirtualTime();
    private final KimiSimulator kimi = KimiSimulator.builder().time(time).start();
    private final Client client = new Client(kimi);

    @AfterEach
    void stop() {
        kimi.close();
    }

    @Test
    void lets_so_many_requests_a_minute_through() throws Exception {
        kimi.limits(AccountLimits.none().withRequestsPerMinute(3).withRetryHint(Duration.ofSeconds(1)));

        for (int i = 0; i < 3; i++) {
            assertThat(client.chat("hi").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> fourth = client.chat("hi");
        time.advance(Duration.ofMinutes(1));
        HttpResponse<String> fifth = client.chat("hi");

        assertThat(fourth.statusCode()).isEqualTo(429);
        assertThat(fourth.body())
                .matches("\\{\"error\":\\{\"message\":\"Your account org-[0-9a-f]{24}\\\\u003cak-\\w+\\\\u003e request"
                        + " reached organization max RPM: 3, please try again after 1 seconds\","
                        + "\"type\":\"rate_limit_reached_error\"}}");
        assertThat(fourth.headers().firstValue("retry-after")).hasValue("1");
        assertThat(fourth.headers().firstValue("x-retry-after")).hasValue("1");
        assertThat(fourth.headers().firstValue("msh-cooldown-seconds")).hasValue("1");
        assertThat(fifth.statusCode()).isEqualTo(200);
    }

    @Test
    void names_the_time_after_which_a_request_passes() throws Exception {
        kimi.limits(AccountLimits.none().withRequestsPerMinute(1));
        client.chat("hi");
        time.advance(Duration.ofSeconds(20));

        long wait = Long.parseLong(
                client.chat("hi").headers().firstValue("retry-after").orElseThrow());
        time.advance(Duration.ofSeconds(wait - 1));
        int early = client.chat("hi").statusCode();
        time.advance(Duration.ofSeconds(1));
        int later = client.chat("hi").statusCode();

        assertThat(wait).isEqualTo(40);
        assertThat(early).isEqualTo(429);
        assertThat(later).isEqualTo(200);
    }

    @Test
    void counts_requests_at_once_until_they_end() throws Exception {
        kimi.limits(AccountLimits.none().withConcurrency(1));
        kimi.reply(Reply.text("slow").after(Duration.ofSeconds(10)));
        CompletableFuture<HttpResponse<String>> slow = client.http()
                .sendAsync(client.chatRequest(Client.question("kimi-k3", false, "hi")), BodyHandlers.ofString());
        kimi.awaitRequests(1).get(20, TimeUnit.SECONDS);

        HttpResponse<String> rejected = client.chat("hi");
        time.advance(Duration.ofSeconds(10));
        slow.get(20, TimeUnit.SECONDS);
        kimi.awaitIdle(Duration.ofSeconds(20));

        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(rejected.body())
                .contains("request reached max organization concurrency: 1, please try again after 1");
        assertThat(client.chat("hi").statusCode()).isEqualTo(200);
    }

    @Test
    void charges_tokens_up_front_with_the_whole_output_cap() throws Exception {
        kimi.limits(AccountLimits.tier0().withConcurrency(0).withRequestsPerMinute(0));

        for (int i = 0; i < 3; i++) {
            assertThat(client.chat("hi").statusCode()).isEqualTo(200);
        }
        HttpResponse<String> rejected = client.chat("hi");
        HttpResponse<String> capped = client.post("{\"model\":\"kimi-k3\",\"max_completion_tokens\":100,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

        assertThat(rejected.body()).contains("TPM rate limit, current: 524312, limit: 500000");
        assertThat(rejected.headers().firstValue("retry-after")).hasValue("60");
        assertThat(capped.statusCode()).isEqualTo(200);
    }

    @Test
    void keeps_a_day_of_tokens() throws Exception {
        kimi.limits(AccountLimits.none().withTokensPerDay(200_000));
        client.chat("hi");

        time.advance(Duration.ofHours(23));
        HttpResponse<String> sameDay = client.chat("hi");
        time.advance(Duration.ofHours(2));

        assertThat(sameDay.body()).contains("TPD rate limit, current: ").contains(", limit: 200000");
        assertThat(Long.parseLong(sameDay.headers().firstValue("retry-after").orElseThrow()))
                .isBetween(3_000L, 3_600L);
        assertThat(client.chat("hi").statusCode()).isEqualTo(200);
    }

    @Test
    void shares_limits_within_an_account_only() throws Exception {
        try (KimiSimulator shared = KimiSimulator.builder()
                .account("org-a", "sk-test", "sk-second")
                .limits(AccountLimits.none().withRequestsPerMinute(1))
                .start()) {
            Client one = new Client(shared);

            int first = one.chat("hi").statusCode();
            int second = status(one, "sk-second");
            int stranger = status(one, "sk-stranger");

            assertThat(first).isEqualTo(200);
            assertThat(second).isEqualTo(429);
            assertThat(stranger).isEqualTo(200);
        }
    }

    @Test
    void takes_its_pauses_from_the_given_time() throws Exception {
        kimi.latency(Latency.of(Duration.ofSeconds(2), Duration.ofMillis(50))
                .withTokens(4)
                .withReasoningTokens(0));
        CompletableFuture<HttpResponse<String>> response = client.http()
                .sendAsync(client.chatRequest(Client.question("kimi-k3", true, "hi")), BodyHandlers.ofString());
        kimi.awaitRequests(1).get(20, TimeUnit.SECONDS);

        while (!response.isDone()) {
            time.advanceToNext();
        }

        assertThat(time.waits())
                .containsExactly(
                        Duration.ofSeconds(2), Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(50));
    }

    @Test
    void spreads_lengths_alike_for_the_same_seed() {
        Latency spread = Latency.none().withTokens(100, 0.5, 3);

        var lengths = LongStream.range(0, 200).mapToInt(spread::tokensOf).toArray();

        assertThat(lengths)
                .isEqualTo(LongStream.range(0, 200)
                        .mapToInt(Latency.none().withTokens(100, 0.5, 3)::tokensOf)
                        .toArray());
        assertThat(Arrays.stream(lengths).sorted().toArray()[100]).isBetween(80, 125);
        assertThat(Arrays.stream(lengths).distinct().count()).isGreaterThan(50);
    }

    private static int status(Client client, String key) throws Exception {
        var request = HttpRequest.newBuilder(client.chatRequest("").uri())
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(Client.question("kimi-k3", false, "hi")))
                .build();
        return client.http().send(request, BodyHandlers.ofString()).statusCode();
    }
}
