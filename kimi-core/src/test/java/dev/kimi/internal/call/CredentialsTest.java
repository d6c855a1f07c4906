package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.ServerException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials that are late or fail must neither hold a call for ever nor send it round for ever. */
class CredentialsTest {

    private final EngineFixture fixture = new EngineFixture();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void that_never_come_for_a_retry_end_the_call_at_its_deadline() {
        fixture.credentials = () -> asked.incrementAndGet() == 1
                ? CompletableFuture.completedFuture(Credentials.bearer("first"))
                : new CompletableFuture<>();
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        fixture.transport.last().answer(503, "");

        fixture.time.advance(fixture.timeouts.total());

        assertThat(failureOf(call))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.phase()).isEqualTo(DeadlineExceededException.Phase.CREDENTIALS));
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void that_keep_failing_are_asked_for_as_often_as_the_policy_allows() {
        fixture.credentials = () -> {
            asked.incrementAndGet();
            return CompletableFuture.failedFuture(
                    new ServerException("the token endpoint is down", KimiException.Details.NONE, null));
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.time.advance(Duration.ofHours(1));

        assertThat(failureOf(call)).isInstanceOf(ServerException.class);
        assertThat(asked).hasValue(3);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void that_fail_in_no_known_way_end_the_call() {
        fixture.credentials = () -> {
            asked.incrementAndGet();
            return CompletableFuture.failedFuture(new IllegalStateException("a provider with a bug"));
        };
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        assertThat(failureOf(call)).isInstanceOf(AuthenticationException.class);
        assertThat(asked).hasValue(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_replay_after_a_401_is_none_of_the_attempts_that_the_policy_counts() {
        fixture.credentials = tokens(new ArrayList<>());
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(401, "");
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(fixture.transport.count()).isEqualTo(1 + attempt);
            fixture.transport.last().answer(503, "");
            fixture.time.advance(Duration.ofSeconds(1));
        }

        assertThat(failureOf(call).status()).isEqualTo(503);
        assertThat(fixture.transport.count()).isEqualTo(4);
    }

    @Test
    void after_a_401_the_call_is_replayed_once_with_other_credentials() {
        List<Credentials> invalidated = new ArrayList<>();
        fixture.credentials = tokens(invalidated);
        List<Integer> told = new ArrayList<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptFinished attempt) {
                told.add(attempt.status());
            }
        });
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(401, "");
        assertThat(told).as("attempts that an observer has seen the end of").containsExactly(401);
        assertThat(fixture.transport.last().request().headers().first("authorization"))
                .isEqualTo("Bearer token-2");
        fixture.transport.last().answer(401, "");

        assertThat(failureOf(call)).isInstanceOf(AuthenticationException.class);
        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(invalidated).hasSize(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void an_account_without_balance_is_no_reason_for_other_credentials_even_as_401() {
        List<Credentials> invalidated = new ArrayList<>();
        fixture.credentials = tokens(invalidated);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .answer(401, "{\"error\":{\"type\":\"CreditsError\",\"message\":\"Insufficient balance\"}}");

        assertThat(failureOf(call)).isInstanceOf(QuotaExceededException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(invalidated).isEmpty();
        fixture.assertNothingIsLeft(engine);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_token_without_the_scope_is_not_replaced(int status) {
        List<Credentials> invalidated = new ArrayList<>();
        fixture.credentials = tokens(invalidated);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport
                .last()
                .answer(status, "", "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"chat\"");

        assertThat(failureOf(call))
                .isInstanceOf(PermissionException.class)
                .hasMessageContaining("lacks the scope 'chat'")
                .hasMessageContaining("kimi.auth.scope");
        assertThat(fixture.transport.count()).isEqualTo(1);
        assertThat(invalidated).isEmpty();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_token_that_is_invalid_is_replaced_once_whatever_scope_is_named_beside_it() {
        List<Credentials> invalidated = new ArrayList<>();
        fixture.credentials = tokens(invalidated);
        fixture.protocol = new OpenAiProtocol();
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        for (int sent = 1; sent <= 2; sent++) {
            assertThat(fixture.transport.count()).isEqualTo(sent);
            fixture.transport
                    .last()
                    .answer(401, "", "WWW-Authenticate", "Bearer error=\"invalid_token\", scope=\"chat\"");
        }

        assertThat(failureOf(call)).isInstanceOf(AuthenticationException.class);
        assertThat(fixture.transport.count()).isEqualTo(2);
        assertThat(invalidated).hasSize(1);
    }

    @Test
    void a_static_key_that_is_rejected_is_not_tried_again() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(401, "");

        assertThat(failureOf(call)).isInstanceOf(AuthenticationException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    /** Issues another token each time. */
    private static CredentialsProvider tokens(List<Credentials> invalidated) {
        AtomicInteger issued = new AtomicInteger();
        return new CredentialsProvider() {
            @Override
            public CompletionStage<Credentials> credentials() {
                return CompletableFuture.completedFuture(Credentials.bearer("token-" + issued.incrementAndGet()));
            }

            @Override
            public boolean invalidate(Credentials rejected) {
                invalidated.add(rejected);
                return true;
            }
        };
    }
}
