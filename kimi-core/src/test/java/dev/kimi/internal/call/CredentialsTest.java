package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

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
}
