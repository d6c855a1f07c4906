package dev.kimi.internal.call;

import static dev.kimi.internal.call.EngineFixture.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.RejectedException;
import dev.kimi.error.ServerException;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A time limit that passed says in which phase, and which setting to raise. */
@Timeout(60)
class PhasesTest {

    private final EngineFixture fixture = new EngineFixture();
    private final long began = fixture.time.nanoTime();

    @Test
    void a_stream_without_headers() {
        Engine engine = fixture.engine();
        Iterator<?> events = fixture.stream(engine).iterator();

        fixture.time.advance(Duration.ofSeconds(60));

        assertPhase(catchThrowableOfType(DeadlineExceededException.class, events::hasNext), Phase.HEADERS, "headers");
        assertThat(fixture.transport.count()).as("the service may be at work").isEqualTo(1);
        assertThat(fixture.transport.last().aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_without_a_first_event() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        fixture.transport.last().headers(200);

        fixture.time.advance(Duration.ofMinutes(5).plusSeconds(1));

        Iterator<?> events = stream.iterator();
        assertPhase(
                catchThrowableOfType(DeadlineExceededException.class, events::hasNext),
                Phase.FIRST_EVENT,
                "first-event");
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_response_that_does_not_come() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.time.advance(Duration.ofMinutes(5));

        assertPhase((DeadlineExceededException) failureOf(call), Phase.FIRST_EVENT, "first-event");
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void the_limit_of_the_whole_call_is_named_and_not_that_of_the_phase() {
        fixture.timeouts = Timeouts.builder().total(Duration.ofSeconds(2)).build();
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.time.advance(Duration.ofSeconds(2));

        DeadlineExceededException failure = (DeadlineExceededException) failureOf(call);
        assertPhase(failure, Phase.FIRST_EVENT, "total");
        assertThat(failure)
                .hasMessage("The time limit of 2s for the whole call (kimi.timeout.total) passed while waiting for the"
                        + " response to begin. Raise kimi.timeout.total if calls may take so long.");
    }

    @Test
    void so_is_it_for_a_stream() {
        fixture.timeouts = Timeouts.builder().total(Duration.ofMillis(1500)).build();
        Engine engine = fixture.engine();
        Iterator<?> events = fixture.stream(engine).iterator();
        fixture.transport.last().headers(200);

        fixture.time.advance(Duration.ofMillis(1500));

        assertThat(catchThrowableOfType(DeadlineExceededException.class, events::hasNext))
                .hasMessageContaining("The time limit of 1500ms for the whole call (kimi.timeout.total)")
                .hasMessageNotContaining("first-event");
    }

    @Test
    void a_deadline_of_the_request_is_not_taken_for_a_setting() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine, Duration.ofSeconds(90));

        fixture.time.advance(Duration.ofSeconds(90));

        assertThat(failureOf(call))
                .hasMessageContaining("The time limit of 90s for the whole call (the request's deadline)")
                .hasMessageNotContaining("kimi.timeout");
    }

    @Test
    void a_response_that_falls_silent_after_a_retry_is_the_failure_and_what_came_before_is_its_cause() {
        Engine engine = fixture.engine();
        Iterator<?> events = fixture.stream(engine).iterator();
        fixture.transport.last().answer(503, "", "retry-after", "1", "x-request-id", "first");
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.transport.last().headers(200, "x-request-id", "second");

        fixture.time.advance(Duration.ofMinutes(6));

        DeadlineExceededException failure = catchThrowableOfType(DeadlineExceededException.class, events::hasNext);
        assertPhase(failure, Phase.FIRST_EVENT, "first-event");
        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).isEqualTo("second");
        assertThat(failure.retryAfter()).isNull();
        assertThat(failure).hasCauseInstanceOf(ServerException.class);
        assertThat(((ServerException) failure.getCause()).status()).isEqualTo(503);
    }

    /** No connection: the service cannot have worked. To open one is tried again, to wait for one is not. */
    @ParameterizedTest
    @CsvSource({"CONNECT_TIMEOUT, CONNECT, connect, 3", "POOL_TIMEOUT, POOL_WAIT, pool-wait, 1"})
    void no_connection(Kind kind, Phase phase, String setting, int attempts) {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        while (!call.isDone()) {
            fixture.transport.last().fail(kind, true);
            fixture.time.advance(Duration.ofSeconds(1));
        }

        assertPhase((DeadlineExceededException) failureOf(call), phase, setting);
        assertThat(fixture.transport.count()).isEqualTo(attempts);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_request_that_its_deadline_kept_from_being_sent_has_waited_for_a_connection() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        fixture.transport.last().fail(Kind.DEADLINE, true);

        assertThat(failureOf(call)).isInstanceOfSatisfying(DeadlineExceededException.class, e -> {
            assertThat(e.phase()).isEqualTo(Phase.POOL_WAIT);
            assertThat(e).hasMessageContaining("kimi.timeout.total");
        });
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_full_queue_for_a_connection_is_no_time_limit_and_is_tried_again() {
        Engine engine = fixture.engine();
        CompletableFuture<ChatResponse> call = fixture.chat(engine);

        while (!call.isDone()) {
            fixture.transport.last().fail(Kind.POOL_FULL, true);
            fixture.time.advance(Duration.ofSeconds(1));
        }

        assertThat(failureOf(call)).isInstanceOfSatisfying(RejectedException.class, e -> {
            assertThat(e.reason()).isEqualTo(RejectedException.Reason.QUEUE_FULL);
            assertThat(e.attempts()).isEqualTo(3);
        });
        fixture.assertNothingIsLeft(engine);
    }

    private static void assertPhase(DeadlineExceededException failure, Phase phase, String setting) {
        assertThat(failure.phase()).isEqualTo(phase);
        assertThat(failure).hasMessageContaining("kimi.timeout." + setting);
    }

    @Test
    void the_limit_on_headers_begins_with_the_sending_and_not_with_the_call() {
        fixture.quota = request ->
                fixture.time.nanoTime() - began < Duration.ofSeconds(30).toNanos()
                        ? QuotaDecision.later(Duration.ofSeconds(30))
                        : QuotaDecision.granted(settlement -> {});
        Engine engine = fixture.engine();
        Iterator<?> events = fixture.stream(engine).iterator();
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(fixture.transport.count()).isEqualTo(1);

        fixture.time.advance(Duration.ofSeconds(60).minusNanos(1));
        assertThat(engine.liveCalls()).isEqualTo(1);
        fixture.time.advance(Duration.ofNanos(1));

        assertPhase(catchThrowableOfType(DeadlineExceededException.class, events::hasNext), Phase.HEADERS, "headers");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void silence_is_measured_by_its_own_limit_when_that_is_the_shortest() {
        fixture.timeouts = Timeouts.builder().idle(Duration.ofSeconds(5)).build();
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        fixture.transport.last().headers(200).body("a\n");

        fixture.time.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(engine.liveCalls()).isEqualTo(1);
        fixture.time.advance(Duration.ofNanos(2));

        Iterator<?> events = stream.iterator();
        events.next();
        assertPhase(catchThrowableOfType(DeadlineExceededException.class, events::hasNext), Phase.IDLE, "idle");
        fixture.assertNothingIsLeft(engine);
    }
}
