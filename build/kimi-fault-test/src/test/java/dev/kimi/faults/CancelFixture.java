package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatRequest;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.quota.Quota;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.quota.QuotaRequest;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.support.Eventually;
import dev.kimi.time.Timeouts;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A client, its service and everything that counts what is held, on a clock that stands still unless the test moves it:
 * nothing times out by itself, and a timer that is left over is seen.
 */
final class CancelFixture implements CallListener, Quota, AutoCloseable {

    static final Duration SAFETY_NET = Duration.ofSeconds(20);
    /** Shorter than every other limit of the client but {@link #IDLE}. */
    static final Duration DEADLINE = Duration.ofSeconds(2);
    /** Shorter than the deadline, so that it shows in the timer that headers have arrived. */
    static final Duration IDLE = Duration.ofSeconds(1);

    final VirtualTime time = new VirtualTime();
    final List<Followed> calls = new CopyOnWriteArrayList<>();
    final AtomicInteger reserved = new AtomicInteger();
    final AtomicInteger settled = new AtomicInteger();
    final KimiSimulator kimi;
    final KimiClientBuilder builder;
    /** Decides in place of the quota that says yes to all. */
    @Nullable Function<QuotaRequest, QuotaDecision> quota;
    /** Run when a call has ended, on the thread that would notify its caller next. */
    Runnable atEnd = () -> {};

    final Wire wire;
    private final Set<Thread> threads = new HashSet<>();
    private @Nullable KimiClient client;

    CancelFixture(Wire wire, KimiSimulator kimi) {
        this.wire = wire;
        this.kimi = kimi;
        this.builder = wire.client()
                .baseUrl(kimi.baseUrl())
                .apiKey("sk-test")
                .time(time, time)
                .quota(this)
                .listener(this)
                .timeouts(Timeouts.builder().idle(IDLE).build());
    }

    /** The client, made of the builder when it is first asked for. */
    KimiClient client() {
        if (client == null) {
            Set<Thread> before = eventLoops();
            client = builder.build();
            threads.addAll(eventLoops());
            threads.removeAll(before);
        }
        return client;
    }

    /** The threads that carry the client's exchanges; there must be some. */
    Set<Thread> threads() {
        assertThat(threads).isNotEmpty();
        return threads;
    }

    private Set<Thread> eventLoops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(wire.transport::carriesExchanges)
                .collect(Collectors.toSet());
    }

    Caller caller(Way way, int promptSize) {
        ChatRequest.Builder request = ChatRequest.builder().user("?".repeat(promptSize));
        return new Caller(way.form, client(), (way.isDeadline() ? request.deadline(DEADLINE) : request).build());
    }

    /** The call that began last. */
    Followed call() {
        eventually("a call begins", () -> !calls.isEmpty());
        return calls.get(calls.size() - 1);
    }

    static void eventually(String what, BooleanSupplier condition) {
        if (!Eventually.holds(SAFETY_NET, condition)) {
            throw new AssertionError("it never came about that " + what);
        }
    }

    /** Everything that calls held is back, and no call goes on by itself however long one waits. */
    void checkNothingIsLeft() {
        List<Integer> attempts = attempts();
        eventually("no exchange is under way", () -> client().pool().exchanges() == 0);
        eventually("nobody waits for a connection", () -> client().pool().pending() == 0);
        eventually("no timer is left", () -> time.pending() == 0);
        assertThat(calls).allSatisfy(call -> assertThat(call.finished).isDone());
        assertThat(settled).as("reservations settled").hasValue(reserved.get());
        time.advance(Duration.ofHours(1));
        assertThat(attempts()).as("attempts").isEqualTo(attempts);
    }

    private List<Integer> attempts() {
        return calls.stream().map(call -> call.attempts.get()).toList();
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        Followed followed = new Followed();
        calls.add(followed);
        return followed;
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        if (quota != null) {
            QuotaDecision decided = Objects.requireNonNull(quota).apply(request);
            if (!(decided instanceof QuotaDecision.Granted)) {
                return decided;
            }
        }
        reserved.incrementAndGet();
        return QuotaDecision.granted(settlement -> settled.incrementAndGet());
    }

    @Override
    public void close() {
        client().close();
        kimi.close();
    }

    /** What a call reported of itself. */
    final class Followed implements CallObserver {
        final CompletableFuture<Void> sent = new CompletableFuture<>();
        final CompletableFuture<Void> backOff = new CompletableFuture<>();
        final CompletableFuture<CallEvent.Finished> finished = new CompletableFuture<>();
        final AtomicInteger attempts = new AtomicInteger();

        @Override
        public void onEvent(CallEvent event) {
            if (event instanceof CallEvent.AttemptStarted) {
                attempts.incrementAndGet();
                sent.complete(null);
            } else if (event instanceof CallEvent.RetryScheduled) {
                backOff.complete(null);
            } else if (event instanceof CallEvent.Finished end) {
                finished.complete(end);
                atEnd.run();
            }
        }
    }
}
