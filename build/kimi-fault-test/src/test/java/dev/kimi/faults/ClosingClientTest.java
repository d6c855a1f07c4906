package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.RejectedException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client can be closed from wherever its program happens to be. */
@Timeout(60)
class ClosingClientTest {

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_HTTP1", "ANTHROPIC_HTTP2"})
    void the_thread_that_carries_its_exchanges_can_close_it(Wire wire) throws Exception {
        KimiSimulator service = KimiSimulator.start();
        try (CancelFixture fixture = new CancelFixture(wire, service)) {
            fixture.builder.callbackExecutor(Runnable::run);
            service.reply(Reply.text("on and on").stallBeforeHeaders(), Reply.text("done"));
            CompletableFuture<ChatResponse> other = fixture.client().chatAsync(ChatRequest.of("Why?"));
            service.awaitRequests(1).join();
            CompletableFuture<Thread> closer = fixture.client()
                    .chatAsync(ChatRequest.of("When?"))
                    .thenApply(response -> {
                        fixture.client().close();
                        return Thread.currentThread();
                    });

            assertThat(fixture.threads()).contains(closer.get(20, TimeUnit.SECONDS));
            assertThat(other.handle((response, failure) -> failure).get(20, TimeUnit.SECONDS))
                    .isInstanceOf(RejectedException.class);
            service.awaitAborted(1).join();
            CancelFixture.eventually(
                    "no thread is left", () -> fixture.threads().stream().noneMatch(Thread::isAlive));
            assertThat(fixture.client().pool().exchanges()).isZero();
        }
    }
}
