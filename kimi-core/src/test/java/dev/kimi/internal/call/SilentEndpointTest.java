package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.Rerouted;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams of a route whose first endpoint takes requests and sends no response head. */
class SilentEndpointTest {

    /** What is silence where no head has ever come, and a look at it. */
    private static final Duration SILENCE = Duration.ofMillis(5_200);

    private static final int ENOUGH = 5;

    private final EngineFixture fixture = new EngineFixture();
    private final ScriptedTransport second = new ScriptedTransport();
    private final List<Rerouted> rerouted = new ArrayList<>();
    private final List<CallEvent.AttemptFinished> attempts = new ArrayList<>();
    private final List<String> settled = new ArrayList<>();
    private final Account firstAccount = account(request ->
            QuotaDecision.granted(settlement -> settled.add(settlement.outcome().name())));
    private final Account secondAccount = account(Quota.unlimited());

    @BeforeEach
    void observe() {
        fixture.retryPolicy = RetryPolicy.never();
        fixture.listeners.add(started -> event -> {
            if (event instanceof Rerouted elsewhere) {
                rerouted.add(elsewhere);
            } else if (event instanceof CallEvent.AttemptFinished attempt) {
                attempts.add(attempt);
            }
        });
    }

    private Account account(Quota quota) {
        return new Account("default", quota, fixture.time, fixture.time, fixture.random);
    }

    private Engine engine() {
        Endpoint one = fixture.endpoint("first", fixture.transport, firstAccount);
        fixture.baseUri = URI.create("https://claude.test");
        Endpoint two = fixture.endpoint("second", second, secondAccount);
        return fixture.engineOver(
                new FailoverRouter(List.of(one, two), fixture.time, fixture.random), fixture.transport);
    }

    private List<ChatStream> streams(Engine engine, int count) {
        List<ChatStream> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(fixture.stream(engine));
        }
        return streams;
    }

    private void responds(ChatStream stream) {
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().headers(200).body("a\n.\n").complete();
        assertThat(stream.response().text()).isEqualTo("a");
    }

    private void assertNothingIsLeft(Engine engine) {
        assertThat(engine.liveCalls()).as("calls").isZero();
        assertThat(fixture.time.pending()).as("timers").isZero();
    }

    @Test
    void streams_that_wait_where_nobody_gets_a_head_go_elsewhere() {
        Engine engine = engine();
        List<ChatStream> streams = streams(engine, ENOUGH);

        fixture.time.advance(SILENCE);

        assertThat(second.count()).isEqualTo(ENOUGH);
        for (int i = 0; i < ENOUGH; i++) {
            assertThat(fixture.transport.sent(i).aborted()).isTrue();
            second.sent(i).headers(200).body("a\n.\n").complete();
            assertThat(streams.get(i).response().endpoint()).isEqualTo("second");
        }
        assertThat(settled).hasSize(ENOUGH).containsOnly("UNKNOWN");
        assertThat(rerouted).hasSize(ENOUGH).allSatisfy(elsewhere -> {
            assertThat(elsewhere.reason()).isEqualTo(Rerouted.Reason.CIRCUIT_OPEN);
            assertThat(elsewhere.failure()).isInstanceOf(DeadlineExceededException.class);
        });
        assertThat(attempts).hasSize(2 * ENOUGH);
        assertThat(attempts.get(0).failure())
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        late -> assertThat(late.phase()).isEqualTo(DeadlineExceededException.Phase.HEADERS))
                .hasMessage(
                        "No response headers came within 5200ms, and the circuit of the endpoint has opened since.");
        assertNothingIsLeft(engine);
    }

    @Test
    void five_hundred_calls_a_second_leave_within_a_second_what_has_been_quick_and_falls_silent() {
        Engine engine = engine();
        for (int i = 0; i < 20; i++) {
            responds(fixture.stream(engine));
        }
        fixture.transport.clear();

        List<ChatStream> streams = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            streams.add(fixture.stream(engine));
            fixture.time.advance(Duration.ofMillis(2));
        }

        assertThat(second.count()).isEqualTo(500);
        assertThat(fixture.transport.count()).isLessThan(360);
        assertThat(fixture.transport.all()).allMatch(ScriptedTransport.Sent::aborted);
        assertThat(streams).as("none was dropped").hasSize(500);
    }

    @Test
    void a_service_that_was_idle_and_responds_late_is_not_left() {
        Engine engine = engine();
        responds(fixture.stream(engine));
        fixture.time.advance(Duration.ofHours(1));
        fixture.transport.clear();

        List<ChatStream> streams = streams(engine, ENOUGH - 1);
        fixture.time.advance(Duration.ofSeconds(50));
        streams.addAll(streams(engine, 1));
        fixture.time.advance(Duration.ofMillis(200));
        for (int i = 0; i < ENOUGH; i++) {
            fixture.transport.sent(i).headers(200).body("a\n.\n").complete();
            assertThat(streams.get(i).response().endpoint()).isEqualTo("first");
        }

        assertThat(second.count()).isZero();
        assertNothingIsLeft(engine);
    }

    @Test
    void streams_that_wait_for_a_connection_say_nothing_of_the_service() {
        fixture.transport.phase = DeadlineExceededException.Phase.POOL_WAIT;
        Engine engine = engine();
        List<ChatStream> streams = streams(engine, 2 * ENOUGH);

        fixture.time.advance(SILENCE.plus(Duration.ofSeconds(1)));

        assertThat(second.count()).isZero();
        streams.forEach(ChatStream::close);
    }

    @Test
    void a_few_streams_without_a_head_are_no_silence() {
        Engine engine = engine();
        streams(engine, ENOUGH - 1);

        fixture.time.advance(SILENCE);

        assertThat(second.count()).isZero();
    }

    @Test
    void a_stream_whose_head_has_come_stays_when_the_others_leave() {
        Engine engine = engine();
        ChatStream begun = fixture.stream(engine);
        fixture.transport.last().headers(200);
        streams(engine, ENOUGH);

        fixture.time.advance(SILENCE);
        assertThat(second.count()).isEqualTo(ENOUGH);
        fixture.transport.sent(0).body("a\n.\n").complete();

        assertThat(begun.response().endpoint()).isEqualTo("first");
    }

    @Test
    void streams_wait_where_every_endpoint_is_silent() {
        Engine engine = engine();
        streams(engine, ENOUGH);
        fixture.time.advance(SILENCE);

        fixture.time.advance(SILENCE);

        assertThat(second.count()).isEqualTo(ENOUGH);
        assertThat(second.last().aborted()).isFalse();
        assertThat(fixture.transport.count()).isEqualTo(ENOUGH);
    }

    @Test
    void a_probe_of_a_silent_endpoint_leaves_it_after_two_seconds() {
        Engine engine = engine();
        for (int i = 0; i < ENOUGH; i++) {
            fixture.chat(engine);
            fixture.transport.last().fail(TransportFailure.Kind.CONNECT, true);
        }
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.transport.clear();
        second.clear();
        rerouted.clear();

        ChatStream probe = fixture.stream(engine);
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(1_750));
        assertThat(second.count()).isZero();
        fixture.time.advance(Duration.ofMillis(250));
        second.last().headers(200).body("a\n.\n").complete();

        assertThat(fixture.transport.last().aborted()).isTrue();
        assertThat(probe.response().endpoint()).isEqualTo("second");
        assertThat(rerouted)
                .singleElement()
                .satisfies(elsewhere -> assertThat(elsewhere.reason()).isEqualTo(Rerouted.Reason.CIRCUIT_OPEN));
        fixture.time.advance(Duration.ofMillis(400));
        fixture.stream(engine);
        assertThat(fixture.transport.count())
                .as("the next comes two seconds after it, and a fifth of chance")
                .isEqualTo(2);
    }

    @Test
    void a_stream_that_leaves_is_cancelled_like_any_other() {
        Engine engine = engine();
        List<ChatStream> streams = streams(engine, ENOUGH);
        fixture.time.advance(SILENCE);

        streams.forEach(ChatStream::close);

        assertThat(second.last().aborted()).isTrue();
        assertNothingIsLeft(engine);
    }
}
