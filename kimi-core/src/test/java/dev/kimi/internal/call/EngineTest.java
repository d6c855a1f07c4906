package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.QuotaDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class EngineTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void a_call_is_sent_with_credentials_and_gets_its_response() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        assertThat(fixture.transport.last().request().headers().first("authorization"))
                .isEqualTo("Bearer sk-test");
        assertThat(fixture.transport.last().request().target()).isEqualTo("/chat");
        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_plugin_that_throws_where_it_must_not_fails_the_call_instead_of_hanging_it() {
        Engine broken = new EngineFixture().engineOver((request, handler) -> {
            throw new IllegalStateException("broken transport");
        });
        CompletableFuture<ChatResponse> call = broken.chat(ChatRequest.of("hello"), CallObserver.NONE, Runnable::run);
        assertThat(failureOf(call)).hasRootCauseMessage("broken transport");
        assertThat(broken.liveCalls()).isZero();

        fixture.quota = request -> QuotaDecision.granted(settlement -> {
            throw new IllegalStateException("broken reservation");
        });
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> answered = fixture.chat(engine);
        fixture.transport.last().answer(200, "sky");
        assertThat(answered.join().text()).isEqualTo("sky");
    }

    @Test
    void an_executor_that_takes_no_more_work_does_not_keep_the_outcome() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = engine.chat(ChatRequest.of("hello"), CallObserver.NONE, task -> {
            throw new RejectedExecutionException("shut down");
        });
        fixture.transport.last().answer(200, "sky");
        assertThat(call.join().text()).isEqualTo("sky");
    }

    @Test
    void the_observer_hears_everything_once_and_in_order() {
        List<String> heard = new ArrayList<>();
        fixture.listeners.add(started -> {
            heard.add("started " + started.operation() + " " + started.model());
            return new Recorder(heard);
        });
        Engine engine = fixture.engine();
        fixture.chat(engine);

        fixture.transport.last().answer(503, "");
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().answer(200, "sky");

        assertThat(heard)
                .containsExactly(
                        "started chat kimi-k3",
                        "attempt 1",
                        "ended 1 with 503",
                        "retry 2",
                        "attempt 2",
                        "ended 2 with 200",
                        "finished SUCCESS 200 after 2, 6 tokens");
    }

    @Test
    void a_listener_that_throws_hurts_neither_the_call_nor_the_others() {
        List<String> heard = new ArrayList<>();
        fixture.listeners.add(started -> {
            throw new IllegalStateException("broken listener");
        });
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptStarted) {
                throw new IllegalStateException("broken observer");
            }
        });
        fixture.listeners.add(started -> new Recorder(heard));
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(200, "sky");

        assertThat(call.join().text()).isEqualTo("sky");
        assertThat(heard).first().isEqualTo("attempt 1");
        assertThat(heard).last().asString().startsWith("finished SUCCESS");
    }

    @Test
    void who_hears_of_a_retry_can_move_the_clock_to_it() {
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.RetryScheduled retry) {
                fixture.time.advance(retry.delay());
            }
        });
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().answer(503, "");

        assertThat(fixture.transport.count()).isEqualTo(2);
        fixture.transport.last().answer(200, "sky");
        assertThat(call).isCompleted();
        fixture.assertNothingIsLeft(engine);
    }

    private static final class Recorder implements CallObserver {
        private final List<String> heard;

        private Recorder(List<String> heard) {
            this.heard = heard;
        }

        @Override
        public void onEvent(CallEvent event) {
            if (event instanceof CallEvent.AttemptStarted attempt) {
                heard.add("attempt " + attempt.attempt());
            } else if (event instanceof CallEvent.AttemptFinished attempt) {
                heard.add("ended " + attempt.attempt() + " with " + attempt.status());
            } else if (event instanceof CallEvent.RetryScheduled retry) {
                heard.add("retry " + retry.nextAttempt());
            } else if (event instanceof CallEvent.Finished end) {
                heard.add("finished " + end.outcome() + " " + end.status() + " after " + end.attempts() + ", "
                        + (end.promptTokens() + end.completionTokens()) + " tokens");
            }
        }
    }
}
