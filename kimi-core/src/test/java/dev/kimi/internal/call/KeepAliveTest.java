package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.internal.protocol.Dialect;
import dev.kimi.time.Timeouts;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a stream sends to show that its connection lives, and how long that may stand for content. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class KeepAliveTest {

    @Parameter
    Dialect dialect = Dialect.OPENAI;

    private final EngineFixture fixture = new EngineFixture();

    @BeforeEach
    void real() {
        fixture.protocol = dialect.protocol();
    }

    private ScriptedTransport.Sent begin() {
        return fixture.transport.last().headers(200, "content-type", "text/event-stream");
    }

    private DeadlineExceededException failureOf(ChatStream stream) {
        Iterator<ChatEvent> events = stream.iterator();
        return catchThrowableOfType(DeadlineExceededException.class, () -> events.forEachRemaining(event -> {}));
    }

    /** Sends it every 15 s as long as the stream lives, and says how long that was. */
    private Duration livesOn(Engine engine, ScriptedTransport.Sent exchange, String keepAlive) {
        long began = fixture.time.nanoTime();
        // the clock of silence is good to a nanosecond
        fixture.time.advance(Duration.ofNanos(2));
        while (engine.liveCalls() > 0) {
            fixture.time.advance(Duration.ofSeconds(15));
            if (engine.liveCalls() > 0) {
                exchange.body(keepAlive);
            }
        }
        return Duration.ofSeconds(
                Duration.ofNanos(fixture.time.nanoTime() - began).toSeconds());
    }

    static Stream<String> keepAlives() {
        return Stream.of(
                ": OPENROUTER PROCESSING\n\n",
                ":\n",
                ": half a comment",
                "\n",
                "data:\n\n",
                "event: ping\ndata: {\"type\": \"ping\"}\n\n",
                "event: ping\ndata\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n",
                "data: {\"choices\":[]}\n\n",
                Dialect.OPENAI.text(""),
                Dialect.ANTHROPIC.text(""));
    }

    @ParameterizedTest
    @MethodSource("keepAlives")
    void keep_alives_after_content_are_borne_for_five_minutes(String keepAlive) {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin().body(dialect.text("a"));

        assertThat(livesOn(engine, exchange, keepAlive)).isEqualTo(Duration.ofMinutes(5));

        DeadlineExceededException failure = failureOf(stream);
        assertThat(failure.phase()).isEqualTo(Phase.QUIET);
        assertThat(failure).hasMessageContaining(" 5m ").hasMessageContaining("kimi.timeout.quiet");
        assertThat(failure.status()).isEqualTo(200);
        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void silence_after_a_keep_alive_is_idle() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin().body(dialect.text("a"));
        fixture.time.advance(Duration.ofSeconds(59));
        exchange.body(": alive\n\n");

        fixture.time.advance(Duration.ofSeconds(60).minusMillis(1));
        assertThat(engine.liveCalls()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(2));

        assertThat(failureOf(stream)).hasMessageContaining(" 1m ").hasMessageContaining("kimi.timeout.idle");
        fixture.assertNothingIsLeft(engine);
    }

    static Stream<Function<Dialect, String>> contents() {
        return Stream.of(
                dialect -> dialect.text("b"), dialect -> dialect.reasoning("b"), dialect -> dialect.toolCall("f", "{"));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void content_starts_both_limits_anew(Function<Dialect, String> content) {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin().body(dialect.text("a"));
        for (int i = 0; i < 16; i++) {
            fixture.time.advance(Duration.ofSeconds(15));
            exchange.body(": alive\n\n");
        }
        exchange.body(content.apply(dialect));

        assertThat(livesOn(engine, exchange, ": alive\n\n")).isEqualTo(Duration.ofMinutes(5));
        assertThat(failureOf(stream).phase()).isEqualTo(Phase.QUIET);
    }

    @Test
    void comments_before_the_first_event_do_not_lengthen_its_limit() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin();

        assertThat(livesOn(engine, exchange, ": OPENROUTER PROCESSING\n\n")).isEqualTo(Duration.ofMinutes(5));

        assertThat(failureOf(stream).phase()).isEqualTo(Phase.FIRST_EVENT);
    }

    @Test
    void before_the_first_event_silence_is_no_idleness() {
        Engine engine = fixture.engine();
        fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin();
        fixture.time.advance(Duration.ofSeconds(30));
        exchange.body(": OPENROUTER PROCESSING\n\n");

        fixture.time.advance(Duration.ofMinutes(4));

        assertThat(engine.liveCalls()).isEqualTo(1);
    }

    @Test
    void a_consumer_that_takes_its_time_is_not_mistaken_for_a_service_that_says_nothing() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin();
        while (exchange.demand() > 0) {
            exchange.body(dialect.text("a"));
        }
        fixture.time.advance(Duration.ofMinutes(10));
        Iterator<ChatEvent> events = stream.iterator();
        while (exchange.demand() == 0) {
            events.next();
        }

        for (int i = 0; i < 19; i++) {
            fixture.time.advance(Duration.ofSeconds(15));
            exchange.body(": alive\n\n");
        }

        assertThat(engine.liveCalls()).isEqualTo(1);
    }

    @Test
    void quiet_is_a_setting_and_no_shorter_than_idle() {
        fixture.timeouts = Timeouts.builder()
                .idle(Duration.ofSeconds(90))
                .quiet(Duration.ofMinutes(2))
                .build();
        Engine engine = fixture.engine();
        fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin().body(dialect.text("a"));
        assertThat(livesOn(engine, exchange, ":\n")).isEqualTo(Duration.ofMinutes(2));

        fixture.timeouts = Timeouts.builder()
                .idle(Duration.ofMinutes(4))
                .quiet(Duration.ofMinutes(2))
                .build();
        Engine patient = fixture.engine();
        fixture.stream(patient);
        exchange = begin().body(dialect.text("a"));
        assertThat(livesOn(patient, exchange, ":\n")).isEqualTo(Duration.ofMinutes(4));
    }

    @Test
    void a_first_event_limit_that_is_the_shortest_is_kept() {
        fixture.timeouts = Timeouts.builder().firstEvent(Duration.ofSeconds(5)).build();
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        begin();

        fixture.time.advance(Duration.ofSeconds(5).plusMillis(1));

        assertThat(engine.liveCalls()).isZero();
        assertThat(failureOf(stream).phase()).isEqualTo(Phase.FIRST_EVENT);
    }

    @Test
    void the_body_of_an_error_that_stalls_is_ended_by_the_limit_on_the_first_event() {
        fixture.timeouts = Timeouts.builder().firstEvent(Duration.ofSeconds(5)).build();
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        fixture.transport.last().headers(429).body("{\"error\":");

        fixture.time.advance(Duration.ofSeconds(5).plusMillis(1));

        assertThat(engine.liveCalls()).isZero();
        assertThat(failureOf(stream).phase()).isEqualTo(Phase.FIRST_EVENT);
    }

    @Test
    void silence_after_a_late_first_event_is_noticed_in_time() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = begin();
        fixture.time.advance(Duration.ofSeconds(70));
        exchange.body(dialect.text("a"));

        fixture.time.advance(Duration.ofSeconds(60).plusMillis(1));

        assertThat(engine.liveCalls()).isZero();
        assertThat(failureOf(stream).phase()).isEqualTo(Phase.IDLE);
    }
}
