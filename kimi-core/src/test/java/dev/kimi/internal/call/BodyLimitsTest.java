package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.ServerException;
import dev.kimi.retry.RetryPolicy;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that are larger than any that a service should send. */
class BodyLimitsTest {

    private static final String MEBIBYTE = "x".repeat(1 << 20);

    private final EngineFixture fixture = new EngineFixture();

    @BeforeEach
    void triesOnce() {
        fixture.retryPolicy = RetryPolicy.never();
    }

    @Test
    void a_response_may_have_thirty_two_mebibytes_and_no_byte_more() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> whole = fixture.chat(engine);
        answer(32);
        fixture.transport.last().complete();
        assertThat(whole.join().text()).hasSize(32 << 20);

        CompletableFuture<ChatResponse> more = fixture.chat(engine);
        answer(32);
        assertThat(more).isNotDone();
        fixture.transport.last().body("x");

        assertThat(failureOf(more)).isInstanceOf(ServerException.class).hasMessageContaining("larger than 33554432");
    }

    private void answer(int mebibytes) {
        ScriptedTransport.Sent exchange = fixture.transport.last().headers(200);
        for (int i = 0; i < mebibytes; i++) {
            exchange.body(MEBIBYTE);
        }
    }

    @Test
    void of_an_error_s_body_the_beginning_is_enough() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        exchange.headers(400).body("x".repeat((64 << 10) - 1));
        assertThat(call).isNotDone();
        exchange.body("xx");

        assertThat(failureOf(call)).isInstanceOf(InvalidRequestException.class);
    }
}
