package dev.kimi.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.ChatResponse;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.util.LogRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners that throw. */
class ListenersTest {

    private final EngineFixture fixture = new EngineFixture();
    private final LogRecorder log = new LogRecorder("dev.kimi.callbacks");

    @AfterEach
    void close() {
        log.close();
    }

    static Stream<CallListener> broken() {
        return Stream.of(
                started -> {
                    throw new IllegalStateException("at the start");
                },
                started -> {
                    throw new NoSuchMethodError("compiled against another version");
                },
                new ReturnsNull(),
                started -> event -> {
                    throw new IllegalStateException("at every event");
                },
                started -> event -> {
                    throw new AssertionError("at every event");
                });
    }

    /** As one in which a method is missing. */
    @SuppressWarnings("NullAway")
    private static final class ReturnsNull implements CallListener {
        @Override
        public CallObserver started(CallEvent.Started event) {
            return null;
        }
    }

    @ParameterizedTest
    @MethodSource("broken")
    void one_that_is_broken_touches_neither_calls_nor_others_and_is_reported_once(CallListener broken) {
        List<CallEvent> events = new ArrayList<>();
        fixture.listeners.add(broken);
        fixture.listeners.add(started -> events::add);
        Engine engine = fixture.engine();

        for (int i = 0; i < 3; i++) {
            CompletableFuture<ChatResponse> call = fixture.chat(engine);
            fixture.transport.last().answer(200, "sky");
            assertThat(call.join().text()).isEqualTo("sky");
        }

        assertThat(events).hasSize(9);
        assertThat(log.records()).singleElement().satisfies(warning -> {
            assertThat(warning.getMessage()).contains(broken.getClass().getName(), "client 'default'", "Reported once");
            assertThat(warning.getThrown()).isNotNull();
        });
        fixture.assertNothingIsLeft(engine);
    }

    @Test
    void each_that_is_broken_is_reported() {
        broken().forEach(fixture.listeners::add);
        fixture.chat(fixture.engine());
        fixture.transport.last().answer(200, "sky");

        assertThat(log.records()).hasSize(5);
    }

    @Test
    void one_that_throws_now_and_then_is_notified_of_what_comes_after() {
        List<CallEvent> events = new ArrayList<>();
        fixture.listeners.add(started -> event -> {
            if (event instanceof CallEvent.AttemptStarted) {
                throw new IllegalStateException("a kind that it does not cope with");
            }
            events.add(event);
        });
        fixture.chat(fixture.engine());
        fixture.transport.last().answer(200, "sky");

        assertThat(events).hasSize(2).last().isInstanceOf(CallEvent.Finished.class);
    }

    @Test
    void a_call_has_the_number_that_open_calls_have() {
        List<Long> numbers = new ArrayList<>();
        fixture.listeners.add(started -> {
            numbers.add(started.number());
            return CallObserver.NONE;
        });
        Engine engine = fixture.engine();
        fixture.chat(engine);
        fixture.stream(engine);

        assertThat(engine.openCalls()).extracting(OpenCall::number).containsExactlyElementsOf(numbers);
        assertThat(numbers).doesNotHaveDuplicates();
    }
}
