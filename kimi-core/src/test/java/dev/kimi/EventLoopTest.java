package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.internal.util.NonBlockingThread;
import dev.kimi.service.ServiceRequest;
import dev.kimi.time.Timer;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What blocks fails at once on a thread that must not wait, and says what to use instead. */
@Timeout(60)
class EventLoopTest {

    private final ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("yes"));

    private static final class Loop extends Thread implements NonBlockingThread {
        private Loop(Runnable task) {
            super(task, "loop-7");
        }
    }

    /** What the action comes to on an event loop: null for nothing but its value. */
    private static CompletableFuture<Object> onLoop(Callable<?> action) {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        new Loop(() -> {
                    try {
                        outcome.complete(action.call());
                    } catch (Exception e) {
                        outcome.completeExceptionally(e);
                    }
                })
                .start();
        return outcome;
    }

    private static void assertRejected(Callable<?> action) {
        assertThatThrownBy(() -> onLoop(action).get())
                .cause()
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop thread 'loop-7'")
                .hasMessageContaining("chatAsync");
    }

    @Test
    void a_blocking_call_is_not_even_sent() {
        try (KimiClient client = fixture.builder().build()) {
            assertRejected(() -> client.chat("why?"));
            assertRejected(client::models);
            assertRejected(() -> client.exchange(ServiceRequest.get("/v1/files")));
            assertThat(fixture.sent).isEmpty();
            assertThat(client.diagnostics().calls().total()).isZero();
        }
    }

    @Test
    void a_future_is_not_waited_for_and_its_call_goes_on() throws Exception {
        try (KimiClient client = fixture.builder().build()) {
            CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("why?"));
            CompletableFuture<String> stage = call.thenApply(ChatResponse::text).thenApply(String::strip);

            assertRejected(call::join);
            assertRejected(call::get);
            assertRejected(() -> call.get(1, TimeUnit.DAYS));
            assertRejected(stage::join);
            assertRejected(stage::get);
            assertRejected(() -> stage.get(1, TimeUnit.DAYS));
            assertThat(onLoop(() -> call.getNow(null)).get()).isNull();

            fixture.answerAll();
            assertThat(onLoop(() -> call.join().text()).get()).isEqualTo("yes");
            assertThat(onLoop(() -> call.get().text()).get()).isEqualTo("yes");
            assertThat(onLoop(stage::join).get()).isEqualTo("yes");
        }
    }

    @Test
    void a_stream_that_is_not_iterated_there_can_still_be_subscribed_to() {
        try (KimiClient client = fixture.builder().build();
                ChatStream stream = client.stream(ChatRequest.of("why?"))) {
            assertRejected(stream::iterator);
            fixture.answerAll();
            assertThat(stream.iterator()).hasNext();
        }
    }

    @Test
    void an_iterator_from_elsewhere_does_not_wait_there_either() {
        try (KimiClient client = fixture.builder().build();
                ChatStream stream = client.stream(ChatRequest.of("why?"));
                BatchRun run = client.batch(List.of(ChatRequest.of("when?")))) {
            Iterator<ChatEvent> events = stream.iterator();
            Iterator<BatchResult> results = run.iterator();

            assertRejected(events::hasNext);
            assertRejected(results::hasNext);
            assertRejected(run::iterator);

            fixture.answerAll();
            assertThat(onLoop(events::hasNext))
                    .succeedsWithin(Duration.ofSeconds(30))
                    .isEqualTo(true);
            assertThat(onLoop(results::hasNext))
                    .succeedsWithin(Duration.ofSeconds(30))
                    .isEqualTo(true);
        }
    }

    /** With callbacks on the thread that ends a call, a deadline is reported on the timer's own thread. */
    @Test
    void the_timer_is_not_stopped_by_a_callback_that_waits() {
        try (KimiClient client = KimiClient.builder()
                .credentials(CredentialsProvider.apiKey("sk-test"))
                .transport(new Mute())
                .callbackExecutor(Runnable::run)
                .build()) {
            ChatRequest impatient = ChatRequest.builder()
                    .user("why?")
                    .deadline(Duration.ofMillis(20))
                    .build();
            CompletableFuture<Object> seen = client.chatAsync(impatient).handle((response, failure) -> {
                assertThat(failure).isInstanceOf(DeadlineExceededException.class);
                assertThat(Thread.currentThread().getName()).startsWith("kimi-timer");
                return client.chat(impatient);
            });

            assertThatThrownBy(seen::join)
                    .hasCauseExactlyInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("kimi-timer");
            assertThatThrownBy(client.chatAsync(impatient)::join).hasCauseInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void a_timer_of_a_program_is_no_different() {
        CompletableFuture<Object> seen = new CompletableFuture<>();
        try (KimiClient client = fixture.builder().build();
                Timer timer = Timer.wheel("mine")) {
            timer.schedule(0, () -> {
                try {
                    seen.complete(client.chat("why?"));
                } catch (IllegalStateException e) {
                    seen.complete(e);
                }
            });
            assertThat(seen.join()).isInstanceOf(IllegalStateException.class);
        }
    }

    private static final class Mute implements Transport {
        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            return new Exchange() {
                @Override
                public void request(long chunks) {}

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}
