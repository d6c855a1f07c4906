package dev.kimi.test.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.test.junit.Runs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The kit passes what is right, and finds what is not. */
class CallListenerContractTest {

    @Nested
    class Ignoring extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return call -> CallObserver.NONE;
        }
    }

    /** One that knows its calls while they are under way, and forgets them. */
    @Nested
    class Following extends CallListenerContract {
        @Override
        protected CallListener listener() {
            Map<CallEvent.Started, CallEvent> last = new ConcurrentHashMap<>();
            LongAdder ended = new LongAdder();
            return call -> event -> {
                last.put(call, event);
                if (event instanceof CallEvent.Finished) {
                    last.remove(call);
                    ended.increment();
                }
            };
        }
    }

    static class ThrowsAtUnknownKinds extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return call -> event -> {
                if (event instanceof CallEvent.Other other) {
                    throw new IllegalArgumentException(other.type());
                }
            };
        }
    }

    @Test
    void it_finds_what_throws_at_unknown_kinds() {
        assertThat(Runs.of(ThrowsAtUnknownKinds.class).failures())
                .hasSize(1)
                .hasEntrySatisfying(
                        "ignores_kinds_that_it_does_not_know()",
                        message -> assertThat(message).contains("threw", "of-a-later-version"));
    }

    static class NeedsAModel extends CallListenerContract {
        @Override
        @SuppressWarnings("NullAway")
        protected CallListener listener() {
            return call -> {
                call.model().length();
                return CallObserver.NONE;
            };
        }
    }

    @Test
    void it_finds_what_expects_a_model() {
        assertThat(Runs.of(NeedsAModel.class).failures()).containsOnlyKeys("follows_calls_without_a_model()");
    }

    static class KnowsOneEndpoint extends CallListenerContract {
        @Override
        protected CallListener listener() {
            return call -> event -> {
                if (event instanceof CallEvent.Rerouted elsewhere) {
                    throw new IllegalStateException(elsewhere.to());
                }
            };
        }
    }

    @Test
    void it_finds_what_does_not_expect_another_endpoint() {
        assertThat(Runs.of(KnowsOneEndpoint.class).failures())
                .containsOnlyKeys("follows_calls_that_go_to_another_endpoint()");
    }

    static class Waits extends CallListenerContract {
        private final BlockingQueue<CallEvent> queue = new ArrayBlockingQueue<>(1);

        @Override
        protected CallListener listener() {
            return call -> event -> {
                try {
                    if (event instanceof CallEvent.Finished && !queue.offer(event, 1, TimeUnit.MILLISECONDS)) {
                        queue.clear();
                    }
                } catch (InterruptedException e) {
                    queue.clear();
                }
            };
        }
    }

    @Test
    void it_finds_what_waits_for_a_millisecond_when_a_queue_is_full_and_what_clears_interrupts() {
        assertThat(Runs.of(Waits.class).failures())
                .hasEntrySatisfying(
                        "follows_calls_that_are_held_at_a_gate()",
                        message -> assertThat(message).contains("waited at Finished"))
                .hasEntrySatisfying(
                        "leaves_the_interrupt_of_its_caller_alone()",
                        message -> assertThat(message).contains("cleared the interrupt"));
    }

    static class KeepsFailures extends CallListenerContract {
        private final List<Throwable> all = new ArrayList<>();

        @Override
        protected CallListener listener() {
            return call -> event -> {
                if (event instanceof CallEvent.Finished end && end.failure() != null) {
                    synchronized (all) {
                        all.add(end.failure());
                    }
                }
            };
        }
    }

    static class KeepsObservers extends CallListenerContract {
        private final Map<CallEvent.Started, CallObserver> all = new ConcurrentHashMap<>();

        @Override
        protected CallListener listener() {
            return call -> all.computeIfAbsent(call, key -> event -> all.size());
        }
    }

    @Test
    void it_finds_what_keeps_something_of_each_call() {
        assertThat(Runs.of(KeepsFailures.class).failures())
                .containsOnlyKeys("keeps_nothing_of_calls_that_have_ended()");
        assertThat(Runs.of(KeepsObservers.class).failures())
                .containsOnlyKeys("keeps_nothing_of_calls_that_have_ended()");
    }

    static class OneCallAtATime extends CallListenerContract {
        @Override
        protected CallListener listener() {
            AtomicInteger underWay = new AtomicInteger();
            return call -> {
                if (underWay.incrementAndGet() > 2) {
                    throw new IllegalStateException("too many calls");
                }
                return event -> {
                    if (event instanceof CallEvent.Finished) {
                        underWay.decrementAndGet();
                    }
                };
            };
        }
    }

    @Test
    void it_finds_what_copes_with_few_calls_at_once() {
        assertThat(Runs.of(OneCallAtATime.class).failures()).containsOnlyKeys("follows_many_calls_at_once()");
    }

    static class ReturnsNull extends CallListenerContract {
        @Override
        @SuppressWarnings("NullAway")
        protected CallListener listener() {
            return call -> null;
        }
    }

    @Test
    void it_finds_what_returns_null() {
        assertThat(Runs.of(ReturnsNull.class).messages())
                .hasSizeGreaterThan(10)
                .anySatisfy(message -> assertThat(message).contains("returned null"));
    }
}
