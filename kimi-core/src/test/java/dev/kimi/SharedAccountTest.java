package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.util.LogRecorder;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients with the same key at the same service are one account, whatever they are called. */
@Timeout(60)
class SharedAccountTest {

    private static final String LIMITED = "{\"error\":{\"message\":\"max RPM: 3, please try again after 20 seconds\","
            + "\"type\":\"rate_limit_reached_error\"}}";

    private boolean limited;
    private final ClientFixture fixture = new ClientFixture(
            body -> limited ? new ClientFixture.Reply(429, LIMITED) : ClientFixture.Reply.text("yes"));

    private KimiClientBuilder builder(String name) {
        return fixture.builder().name(name).provider(Part.RETRY, "never");
    }

    private void refuse(KimiClient client) {
        limited = true;
        CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("hello"));
        fixture.time.advance(Duration.ZERO);
        assertThat(call).isCompletedExceptionally();
        limited = false;
    }

    @Test
    void one_clients_429_holds_back_the_other() {
        try (KimiClient one = builder("one").build();
                KimiClient other = builder("other")
                        .baseUrl("https://api.moonshot.ai/anthropic")
                        .protocol("openai")
                        .build()) {
            refuse(one);

            CompletableFuture<ChatResponse> call = other.chatAsync(ChatRequest.of("hello"));
            fixture.time.advance(Duration.ofSeconds(19));
            assertThat(fixture.sent).hasSize(1);
            fixture.time.advance(Duration.ofSeconds(1));

            assertThat(call).isCompleted();
        }
    }

    @Test
    void neither_another_key_nor_another_service_nor_another_clock_is_held_back() {
        ClientFixture elsewhen = new ClientFixture(body -> ClientFixture.Reply.text("yes"));
        try (KimiClient one = builder("one").build();
                KimiClient otherKey = builder("key")
                        .credentials(CredentialsProvider.apiKey("sk-other"))
                        .build();
                KimiClient otherService =
                        builder("service").baseUrl("https://api.moonshot.cn").build();
                KimiClient otherClock = elsewhen.builder().build()) {
            refuse(one);

            List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
            for (KimiClient client : List.of(otherKey, otherService, otherClock)) {
                calls.add(client.chatAsync(ChatRequest.of("hello")));
            }
            fixture.time.advance(Duration.ZERO);
            elsewhen.time.advance(Duration.ZERO);

            assertThat(calls).allMatch(CompletableFuture::isDone);
        }
    }

    @Test
    void a_provider_that_does_not_say_whom_it_stands_for_is_the_account_of_those_who_have_it() {
        CompletionStage<Credentials> same = CompletableFuture.completedFuture(Credentials.bearer("sk-test"));
        CredentialsProvider provider = () -> same;
        CredentialsProvider another = () -> same;
        try (KimiClient one = builder("one").credentials(provider).build();
                KimiClient with = builder("with").credentials(provider).build();
                KimiClient without = builder("without").credentials(another).build()) {
            refuse(one);

            CompletableFuture<ChatResponse> held = with.chatAsync(ChatRequest.of("hello"));
            CompletableFuture<ChatResponse> free = without.chatAsync(ChatRequest.of("hello"));
            fixture.time.advance(Duration.ZERO);

            assertThat(held).isNotDone();
            assertThat(free).isDone();
        }
    }

    @Test
    void an_account_ends_with_its_last_client() {
        KimiClient one = builder("one").build();
        KimiClient other = builder("other").build();
        refuse(one);
        one.close();
        assertThat(held(other)).as("while the other lives").isTrue();
        other.close();

        try (KimiClient next = builder("next").build()) {
            assertThat(held(next)).as("after the last one").isFalse();
        }
    }

    private boolean held(KimiClient client) {
        CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("hello"));
        fixture.time.advance(Duration.ZERO);
        boolean held = !call.isDone();
        call.cancel(true);
        return held;
    }

    @Test
    void the_retry_budget_is_shared() {
        limited = true;
        try (KimiClient one = fixture.builder().name("one").build();
                KimiClient other = fixture.builder().name("other").build()) {
            one.chatAsync(ChatRequest.of("hello"));
            fixture.time.advance(Duration.ZERO);

            assertThat(other.diagnostics().retryTokens())
                    .isEqualTo(one.diagnostics().retryTokens())
                    .isLessThan(500);
        }
    }

    @Test
    void a_client_without_limits_has_those_of_its_account() {
        fixture.hold = true;
        try (KimiClient one = builder("one").build();
                KimiClient other =
                        builder("other").set(Part.QUOTA, "concurrency", "1").build()) {
            one.chatAsync(ChatRequest.of("hello"));
            other.chatAsync(ChatRequest.of("hello"));
            one.chatAsync(ChatRequest.of("hello"));
            assertThat(fixture.sent).as("one for each client").hasSize(1);

            fixture.held.remove(0).run();

            assertThat(fixture.sent).hasSize(2);
        }
    }

    @Test
    void a_place_that_a_closing_client_frees_goes_to_another_client_and_to_none_of_its_own_calls() {
        fixture.hold = true;
        KimiClient one = builder("one").set(Part.QUOTA, "concurrency", "1").build();
        try (KimiClient other =
                builder("other").set(Part.QUOTA, "concurrency", "1").build()) {
            one.chatAsync(ChatRequest.of("sent"));
            one.chatAsync(ChatRequest.builder()
                    .user("first in line")
                    .deadline(Duration.ofMinutes(1))
                    .build());
            CompletableFuture<ChatResponse> call = other.chatAsync(ChatRequest.of("second in line"));

            one.close();

            assertThat(fixture.sent).hasSize(2);
            fixture.held.get(1).run();
            assertThat(call).isCompleted();
        }
    }

    @Test
    void of_different_limits_those_of_the_first_client_hold_until_it_is_closed_and_a_warning_says_so() {
        fixture.hold = true;
        try (LogRecorder warnings = new LogRecorder("dev.kimi.accounts")) {
            KimiClient one = builder("one").set(Part.QUOTA, "concurrency", "1").build();
            KimiClient same =
                    builder("same").set(Part.QUOTA, "concurrency", "1").build();
            assertThat(warnings.messages()).isEmpty();
            try (KimiClient other =
                    builder("other").set(Part.QUOTA, "concurrency", "2").build()) {
                assertThat(warnings.messages())
                        .singleElement()
                        .satisfies(text -> assertThat(text)
                                .contains("Client 'other'", "client 'one'", "https://api.moonshot.ai:443", "kimi.quota")
                                .doesNotContain("sk-test"));
                chats(other, 3);
                assertThat(fixture.sent).hasSize(1);

                one.close();
                assertThat(fixture.sent)
                        .as("the same limits, brought by another client")
                        .hasSize(1);
                same.close();

                assertThat(fixture.sent)
                        .as("its own limits, beside what was sent before")
                        .hasSize(3);
            }
        }
    }

    private static void chats(KimiClient client, int calls) {
        for (int i = 0; i < calls; i++) {
            client.chatAsync(ChatRequest.of("hello"));
        }
    }

    @Test
    void a_client_whose_limits_are_wrong_leaves_nothing_behind() {
        assertThatThrownBy(() ->
                        builder("one").set(Part.QUOTA, "concurrency", "many").build())
                .isInstanceOf(ConfigurationException.class);

        try (KimiClient next =
                builder("next").set(Part.QUOTA, "concurrency", "1").build()) {
            assertThat(held(next)).isFalse();
        }
    }

    @Test
    void a_client_goes_on_when_the_one_that_founded_its_account_is_closed() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        // waited for on the timer that the account was founded with
        Quota quota = request -> asked.incrementAndGet() < 3
                ? QuotaDecision.later(Duration.ofMillis(1))
                : QuotaDecision.granted(settlement -> {});
        KimiClient founder = onRealTime("founder", quota);
        try (KimiClient other = onRealTime("other", quota)) {
            founder.close();

            CompletableFuture<ChatResponse> call = other.chatAsync(ChatRequest.of("hello"));

            assertThat(call.get(50, TimeUnit.SECONDS).text()).isEqualTo("yes");
        }
    }

    private KimiClient onRealTime(String name, Quota quota) {
        return KimiClient.builder()
                .name(name)
                .credentials(CredentialsProvider.apiKey("sk-real-time"))
                .transport(new InstantTransport(ClientFixture.Reply.text("yes")))
                .quota(quota)
                .build();
    }

    @Test
    void an_account_is_identified_without_the_key() {
        String account = String.valueOf(CredentialsProvider.apiKey("sk-secret").account());

        assertThat(account).hasSize(64).doesNotContain("sk-secret");
        assertThat(CredentialsProvider.apiKey("sk-secret").account()).isEqualTo(account);
        assertThat(CredentialsProvider.apiKey("sk-other").account()).isNotEqualTo(account);
        assertThat(CredentialsProvider.of(Credentials.header("x-api-key", "sk-secret"))
                        .account())
                .isNotEqualTo(account);
    }

    private String accountOf(KimiClientBuilder client) {
        List<String> accounts = new ArrayList<>();
        Quota quota = request -> {
            accounts.add(request.account());
            return QuotaDecision.granted(settlement -> {});
        };
        try (KimiClient made = client.quota(quota).build()) {
            made.chatAsync(ChatRequest.of("hello"));
        }
        return accounts.get(0);
    }

    private KimiClientBuilder withKey(String name, String key) {
        return builder(name).credentials(CredentialsProvider.apiKey(key));
    }

    @Test
    void a_quota_knows_an_account_by_the_same_id_in_every_process_whatever_its_clients_are_called() {
        String id = accountOf(withKey("one", "sk-secret"));

        assertThat(id).isEqualTo("45efa489b7d9b9c9af60362c3d268f2d").doesNotContain("secret");
        assertThat(accountOf(withKey("other", "sk-secret"))).isEqualTo(id);
        assertThat(accountOf(withKey("one", "sk-secret").baseUrl("https://API.moonshot.ai:443/anthropic")))
                .isEqualTo(id);
        assertThat(accountOf(withKey("one", "sk-other"))).isNotEqualTo(id);
        assertThat(accountOf(withKey("one", "sk-secret").baseUrl("https://api.moonshot.cn")))
                .isNotEqualTo(id);
    }

    @Test
    void the_order_in_which_clients_are_made_does_not_change_the_id_of_their_account() {
        List<String> accounts = new ArrayList<>();
        Quota quota = request -> {
            accounts.add(request.account());
            return QuotaDecision.granted(settlement -> {});
        };
        KimiClient one = withKey("one", "sk-secret").quota(quota).build();
        try (KimiClient other = withKey("other", "sk-secret").quota(quota).build()) {
            one.chatAsync(ChatRequest.of("hello"));
            one.close();
            other.chatAsync(ChatRequest.of("hello"));
        }
        try (KimiClient other = withKey("other", "sk-secret").quota(quota).build();
                KimiClient second = withKey("one", "sk-secret").quota(quota).build()) {
            second.chatAsync(ChatRequest.of("hello"));
            other.chatAsync(ChatRequest.of("hello"));
        }

        assertThat(accounts).hasSize(4).containsOnly(accounts.get(0));
    }

    @Test
    void without_a_word_whom_credentials_stand_for_the_id_is_made_of_the_name_of_the_client() {
        CompletionStage<Credentials> same = CompletableFuture.completedFuture(Credentials.bearer("sk-test"));
        CredentialsProvider provider = () -> same;

        String id = accountOf(builder("one").credentials(provider));

        assertThat(accountOf(builder("one").credentials(() -> same))).isEqualTo(id);
        assertThat(accountOf(builder("other").credentials(provider))).isNotEqualTo(id);
    }

    @Test
    void a_quota_that_outlives_its_clients_has_no_subscription_of_theirs() {
        AtomicInteger subscriptions = new AtomicInteger();
        Quota quota = new Quota() {
            @Override
            public QuotaDecision reserve(QuotaRequest request) {
                return QuotaDecision.later(Duration.ofHours(1));
            }

            @Override
            public Subscription subscribe(String account, Runnable onCapacity) {
                subscriptions.incrementAndGet();
                return subscriptions::decrementAndGet;
            }
        };
        KimiClient one = builder("one").quota(quota).build();
        KimiClient other = builder("other").quota(quota).build();
        chats(one, 1);
        chats(other, 1);
        assertThat(subscriptions).hasValue(1);

        one.close();
        assertThat(subscriptions).hasValue(1);
        other.close();

        assertThat(subscriptions).hasValue(0);
    }

    @Test
    void a_place_that_another_account_gives_back_to_the_same_quota_is_taken_at_once() {
        fixture.hold = true;
        Quota quota = Quota.local(ProviderSettings.builder("kimi.quota", fixture.time)
                .time(fixture.time)
                .set("concurrency", "1")
                .build());
        try (KimiClient one = withKey("one", "sk-one").quota(quota).build();
                KimiClient other = withKey("other", "sk-other").quota(quota).build()) {
            chats(one, 1);
            chats(other, 1);
            assertThat(fixture.sent).hasSize(1);

            fixture.held.remove(0).run();

            assertThat(fixture.sent).hasSize(2);
        }
    }
}
