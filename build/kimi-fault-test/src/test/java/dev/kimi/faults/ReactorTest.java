package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Tool;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.retry.RetryDecision;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Reactor over a client, without an adapter of ours: operators ask for, cancel and repeat calls, and each of that
 * reaches the socket. Cancelling at every point of a call's life is in {@link CancelMatrixTest}.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource
class ReactorTest {

    private static final ChatRequest WHY = ChatRequest.of("Why?");

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private KimiSimulator kimi;
    private CancelFixture fixture;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        fixture = new CancelFixture(wire, kimi);
    }

    @AfterEach
    void nothingIsLeft() {
        kimi.awaitIdle(CancelFixture.SAFETY_NET);
        fixture.checkNothingIsLeft();
        fixture.client().close();
        kimi.awaitDisconnected(CancelFixture.SAFETY_NET);
        fixture.close();
    }

    private Flux<ChatEvent> events() {
        return Flux.defer(() -> JdkFlowAdapter.flowPublisherToFlux(fixture.client().stream(WHY)));
    }

    private Mono<ChatResponse> response() {
        return Mono.fromFuture(() -> fixture.client().chatAsync(WHY));
    }

    private void retryAtOnce(int attempts) {
        fixture.builder.retryPolicy(
                failed -> failed.attempt() < attempts ? RetryDecision.after(Duration.ZERO) : RetryDecision.stop());
    }

    /** Takes one event, and another whenever it is asked to. */
    private static final class Slow extends BaseSubscriber<ChatEvent> {
        private final CompletableFuture<ChatEvent> first = new CompletableFuture<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(1);
        }

        @Override
        protected void hookOnNext(ChatEvent event) {
            first.complete(event);
        }
    }

    @Test
    void nothing_is_sent_before_a_subscription() {
        events();
        response();

        assertThat(fixture.calls).isEmpty();
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void demand_reaches_the_socket_through_the_adapter() {
        kimi.reply(Reply.flood(71L << 20));
        Slow slow = new Slow();
        events().limitRate(8).subscribe(slow);

        slow.first.join();
        kimi.awaitBlocked(1).join();
        assertThat(kimi.bytesSent()).isLessThan(16L << 20);

        slow.cancel();
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void taking_some_cancels_the_rest() {
        kimi.reply(Reply.flood(71L << 20));

        assertThat(events().take(2).collectList().block()).hasSize(2);

        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        assertThat(kimi.bytesSent()).isLessThan(16L << 20);
    }

    @Test
    void a_cancel_within_on_next_is_the_last_that_is_heard() {
        kimi.reply(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(3)));
        List<ChatEvent> heard = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        events().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(ChatEvent event) {
                heard.add(event);
                cancel();
                cancelled.complete(null);
            }
        });

        cancelled.join();
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
        assertThat(heard).hasSize(1);
    }

    @Test
    void an_operator_that_fails_gives_the_call_up() {
        kimi.reply(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));
        IllegalStateException bug = new IllegalStateException("a bug in the program");

        Throwable failure = catchThrowable(() -> events().map(event -> {
                    throw bug;
                })
                .blockLast());

        assertThat(failure).isSameAs(bug);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void a_stream_that_is_cut_is_an_error_with_what_had_arrived() {
        kimi.reply(Reply.text("one two three").withoutDone());
        List<ChatEvent> heard = new CopyOnWriteArrayList<>();

        TruncatedStreamException cut = catchThrowableOfType(
                TruncatedStreamException.class,
                () -> events().doOnNext(heard::add).blockLast());

        assertThat(cut.partial().text()).isEqualTo("one two three");
        assertThat(heard).isNotEmpty();
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_half_tool_call_is_an_error() {
        kimi.otherwise(Reply.reasoning("")
                .thenToolCall("pay", "{\"amount\":1000000,\"to\":\"someone far away\"}")
                .cutAfterEvents(wire.eventsUntilText(2)));
        ChatRequest pay = ChatRequest.builder()
                .user("Pay")
                .tool(Tool.function("pay", "", "{\"type\":\"object\",\"properties\":{}}"))
                .build();

        assertThatThrownBy(() -> JdkFlowAdapter.flowPublisherToFlux(fixture.client().stream(pay))
                        .blockLast())
                .isInstanceOf(TruncatedStreamException.class);
    }

    @Test
    void a_timeout_of_the_program_gives_the_call_up() {
        kimi.reply(Reply.text("never").stallBeforeHeaders());
        Sinks.Empty<Void> itIsTime = Sinks.empty();
        CompletableFuture<ChatResponse> result =
                response().timeout(itIsTime.asMono()).toFuture();
        kimi.awaitRequests(1).join();

        itIsTime.tryEmitEmpty();

        assertThatThrownBy(result::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void a_timeout_within_a_stream_gives_it_up() {
        kimi.reply(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(1)));
        Sinks.Empty<Void> itIsTime = Sinks.empty();
        CompletableFuture<Void> heard = new CompletableFuture<>();
        CompletableFuture<ChatEvent> last = events().doOnNext(event -> heard.complete(null))
                .timeout(Mono.never(), event -> itIsTime.asMono())
                .last()
                .toFuture();
        heard.join();

        itIsTime.tryEmitEmpty();

        assertThatThrownBy(last::get).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(TimeoutException.class);
        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void whoever_loses_a_race_is_cancelled() {
        kimi.reply(Reply.text("never").stallBeforeHeaders());
        Sinks.One<ChatResponse> other = Sinks.one();
        CompletableFuture<ChatResponse> won =
                Mono.firstWithValue(response(), other.asMono()).toFuture();
        kimi.awaitRequests(1).join();

        other.tryEmitError(new IllegalStateException("lost"));
        assertThat(won).as("the call goes on when the other fails").isNotDone();
        won.cancel(true);

        assertThat(kimi.awaitAborted(1).join()).hasSize(1);
    }

    @Test
    void nobody_but_the_engine_tries_again() {
        retryAtOnce(3);
        kimi.otherwise(Reply.status(500, "{}"));

        assertThatThrownBy(() -> response().block())
                .isInstanceOfSatisfying(
                        ServerException.class,
                        failure -> assertThat(failure.attempts()).isEqualTo(3));
        assertThat(kimi.requests()).hasSize(3);

        assertThatThrownBy(() -> events().blockLast()).isInstanceOf(ServerException.class);
        assertThat(kimi.requests()).hasSize(6);
    }

    @Test
    void attempts_of_the_program_are_not_multiplied_by_those_of_the_engine() {
        retryAtOnce(3);
        kimi.otherwise(Reply.status(500, "{}"));

        assertThatThrownBy(() -> response().retry(99).block())
                .isInstanceOf(RejectedException.class)
                .hasCauseInstanceOf(ServerException.class);

        // ten retries saved up, one in the minute, and one for twenty calls
        assertThat(kimi.requests()).hasSizeBetween(100, 116);
    }

    @Test
    void a_stream_that_is_subscribed_to_again_says_how_it_is_done() {
        kimi.reply(Reply.text("one two three").withoutDone());
        Flux<ChatEvent> once = JdkFlowAdapter.flowPublisherToFlux(fixture.client().stream(WHY));

        assertThatThrownBy(() -> once.retry(1).blockLast())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one use")
                .hasMessageContaining("for each");

        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_stream_for_each_subscription_can_be_made_again() {
        kimi.reply(Reply.text("one two three").withoutDone(), Reply.text("four"));

        List<String> heard = events().ofType(ChatEvent.Text.class)
                .map(ChatEvent.Text::value)
                .retry(1)
                .collectList()
                .block();

        assertThat(String.join("", Objects.requireNonNull(heard))).isEqualTo("one two threefour");
        assertThat(kimi.requests()).hasSize(2);
    }
}
