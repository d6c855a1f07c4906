package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.transport.TransportFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamTest {

    private final EngineFixture fixture = new EngineFixture();

    @Test
    void events_come_in_order_and_the_response_is_whole_at_the_end() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        assertThat(exchange.request().headers().first("accept")).isEqualTo("text/event-stream");
        exchange.headers(200).body("a\nb\n").body("c\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("abc");
        assertThat(stream.response().text()).isEqualTo("abc");
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_stream_without_its_end_mark_is_truncated_and_keeps_what_had_arrived() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("a\nb\n").complete();

        Iterator<ChatEvent> events = stream.iterator();
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("a"));
        assertThat(events.next()).isEqualTo(new ChatEvent.Text("b"));
        TruncatedStreamException cut = catchThrowableOfType(TruncatedStreamException.class, events::hasNext);
        assertThat(cut.partial().text()).isEqualTo("ab");
        assertThatThrownBy(stream::response).isInstanceOf(IllegalStateException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_connection_cut_within_the_stream_is_the_same_failure() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("a\nhal").fail(Kind.RESET, false);

        Iterator<ChatEvent> events = stream.iterator();
        events.next();
        assertThatThrownBy(events::hasNext).isInstanceOf(TruncatedStreamException.class);
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void before_the_first_content_a_cut_stream_is_tried_again() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("~\n").fail(Kind.RESET, false);
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().headers(200).body("a\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("a");
        assertThat(fixture.transport.count()).isEqualTo(2);
    }

    @Test
    void an_error_event_in_a_200_is_classified_and_tried_again_while_nothing_was_delivered() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("!\n").complete();
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().headers(200).body("a\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("a");
    }

    @Test
    void past_the_commit_point_an_error_event_ends_the_stream() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);

        fixture.transport.last().headers(200).body("a\n!\n");

        Iterator<ChatEvent> events = stream.iterator();
        events.next();
        assertThatThrownBy(events::hasNext).isInstanceOf(OverloadedException.class);
        assertThat(fixture.transport.count()).isEqualTo(1);
    }

    @Test
    void silence_between_events_ends_the_stream_and_the_exchange() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("a\n");

        fixture.time.advance(Duration.ofSeconds(61));

        Iterator<ChatEvent> events = stream.iterator();
        events.next();
        assertThat(catchThrowableOfType(DeadlineExceededException.class, events::hasNext)
                        .phase())
                .isEqualTo(DeadlineExceededException.Phase.IDLE);
        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_model_may_think_for_minutes_before_its_first_event() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);

        fixture.time.advance(Duration.ofMinutes(4));
        exchange.body("~\n");
        fixture.time.advance(Duration.ofMinutes(4));
        exchange.body("a\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("a");
    }

    @Test
    void a_healthy_stream_lives_as_long_as_it_speaks() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);
        Iterator<ChatEvent> events = stream.iterator();

        for (int i = 0; i < 20; i++) {
            exchange.body("a\n");
            events.next();
            fixture.time.advance(Duration.ofSeconds(40));
        }
        exchange.body(".\n").complete();

        assertThat(events.hasNext()).isFalse();
    }

    @Test
    void a_slow_consumer_stops_the_socket_and_is_not_mistaken_for_a_dead_service() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);
        int fed = 0;
        while (exchange.demand() > 0) {
            exchange.body("x\n");
            fed++;
        }
        assertThat(fed).isLessThan(100);

        fixture.time.advance(Duration.ofMinutes(10));
        Iterator<ChatEvent> events = stream.iterator();
        for (int i = 0; i < fed; i++) {
            events.next();
        }
        assertThat(exchange.demand()).isEqualTo(1);
        exchange.body(".\n").complete();
        assertThat(events.hasNext()).isFalse();
    }

    @Test
    void closing_a_stalled_stream_aborts_the_exchange_and_frees_whoever_waits() throws InterruptedException {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("a\n");
        CountDownLatch gotFirst = new CountDownLatch(1);
        AtomicReference<Throwable> ended = new AtomicReference<>();
        Thread consumer = new Thread(() -> {
            try {
                for (ChatEvent event : stream) {
                    gotFirst.countDown();
                }
            } catch (KimiException e) {
                ended.set(e);
            }
        });
        consumer.start();
        gotFirst.await();

        stream.close();
        consumer.join();

        assertThat(ended.get()).isInstanceOf(CallCancelledException.class);
        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void interrupting_a_consumer_cancels_and_keeps_the_flag() throws InterruptedException {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200);
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Thread consumer = new Thread(() -> {
            try {
                stream.iterator().hasNext();
            } catch (CallCancelledException e) {
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        consumer.start();

        consumer.interrupt();
        consumer.join();

        assertThat(flag.get()).isTrue();
        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void what_follows_the_end_mark_is_drained_so_that_the_connection_can_serve_again() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();

        exchange.headers(200).body("a\n.\n");
        assertThat(textOf(stream)).isEqualTo("a");
        assertThat(exchange.aborted()).isFalse();
        exchange.body("\n").complete();

        assertThat(exchange.aborted()).isFalse();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_server_that_does_not_end_the_body_after_the_end_mark_is_left_after_a_second() {
        Engine engine = fixture.engine();
        fixture.stream(engine);
        ScriptedTransport.Sent exchange = fixture.transport.last();
        exchange.headers(200).body("a\n.\n");

        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(exchange.aborted()).isTrue();
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void a_late_chunk_of_a_killed_attempt_is_never_delivered() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        ScriptedTransport.Sent first = fixture.transport.last();
        first.headers(200).body("~\n").fail(Kind.RESET, false);
        first.request(1);

        // the transport breaks its promise and calls once more, as a racing thread may
        first.body("late\n");
        fixture.time.advance(Duration.ofMillis(50));
        fixture.transport.last().headers(200).body("a\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("a");
    }

    @Test
    void what_follows_an_error_event_that_is_recovered_from_is_never_delivered() {
        ChatStream stream = fixture.stream(fixture.engine());
        ScriptedTransport.Sent first = fixture.transport.last().headers(200).body("!\n");

        // still drained, so that its connection can serve again
        first.body("late\n").complete();
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.transport.last().headers(200).body("a\n.\n").complete();

        assertThat(textOf(stream)).isEqualTo("a");
    }

    @Test
    void a_stream_is_good_for_one_use() {
        Engine engine = fixture.engine();
        ChatStream stream = fixture.stream(engine);
        stream.iterator();

        assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
    }

    private static String textOf(ChatStream stream) {
        List<String> texts = new ArrayList<>();
        for (ChatEvent event : stream) {
            texts.add(((ChatEvent.Text) event).value());
        }
        return String.join("", texts);
    }
}
