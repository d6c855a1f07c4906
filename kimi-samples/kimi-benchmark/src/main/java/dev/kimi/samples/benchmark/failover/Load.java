package dev.kimi.samples.benchmark.failover;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.event.CallObserver;
import dev.kimi.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Calls that arrive at a steady rate, whatever becomes of them. For one thread. */
final class Load implements CallListener {

    private static final TimeSource TIME = TimeSource.system();
    private static final int CONVERSATIONS = 200;

    /** Which calls are made. */
    enum Form {
        MIXED,
        STREAMS,
        WHOLE;

        boolean isStream(int number) {
            return this == STREAMS || this == MIXED && number % 2 == 0;
        }
    }

    private final Form form;
    private final int perSecond;
    private final List<MeasuredCall> calls = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final CountDownLatch never = new CountDownLatch(1);
    private @Nullable MeasuredCall current;
    private long beginNanos;

    Load(Form form, int perSecond) {
        this.form = form;
        this.perSecond = perSecond;
    }

    @Override
    public CallObserver started(CallEvent.Started event) {
        return Objects.requireNonNull(current);
    }

    /** Those made so far, in their order. */
    List<MeasuredCall> calls() {
        return calls;
    }

    /** Makes calls until that is so. */
    void runUntil(KimiClient kimi, BooleanSupplier done) throws InterruptedException {
        beginNanos = calls.isEmpty() ? TIME.nanoTime() : beginNanos;
        while (!done.getAsBoolean()) {
            for (long due = due(); due <= TIME.nanoTime(); due = due()) {
                make(kimi, due);
            }
            pause();
        }
    }

    void runFor(KimiClient kimi, Duration duration) throws InterruptedException {
        long end = TIME.nanoTime() + duration.toNanos();
        runUntil(kimi, () -> TIME.nanoTime() >= end);
    }

    /** Waits until all calls have ended, or for as long as that. */
    void awaitEnds(Duration most) throws InterruptedException {
        long end = TIME.nanoTime() + most.toNanos();
        while (open.get() > 0 && TIME.nanoTime() < end) {
            pause();
        }
    }

    private long due() {
        return beginNanos + TimeUnit.SECONDS.toNanos(calls.size()) / perSecond;
    }

    private void make(KimiClient kimi, long due) {
        int number = calls.size();
        MeasuredCall call = new MeasuredCall(number, form.isStream(number), due, open::decrementAndGet);
        ChatRequest request = ChatRequest.builder()
                .user("Call " + number + ". Why does ice float?")
                .sessionId("conversation-" + number % CONVERSATIONS)
                .maxCompletionTokens(64)
                .build();
        current = call;
        calls.add(call);
        open.incrementAndGet();
        if (call.streamed()) {
            call.streams(kimi.stream(request));
        } else {
            kimi.chatAsync(request).whenComplete(call::whole);
        }
    }

    private void pause() throws InterruptedException {
        if (never.await(1, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("nobody opens this latch");
        }
    }
}
