package dev.kimi.faults;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.CallSample;
import dev.kimi.batch.WindowObservation;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A window of 16 that counts its samples and keeps those that cannot be. */
final class SamplingWindow implements BatchWindow {
    final CountDownLatch succeeded;
    final AtomicInteger throttled = new AtomicInteger();
    final Queue<CallSample> inconsistent = new ConcurrentLinkedQueue<>();

    SamplingWindow(int items) {
        this.succeeded = new CountDownLatch(items);
    }

    @Override
    public int permits(WindowObservation seen) {
        return 16;
    }

    @Override
    public void sampled(CallSample sample) {
        long sent = sample.sentNanos().orElseThrow();
        long ended = sample.endedNanos().orElseThrow();
        long begun = sample.firstEventNanos().orElse(ended);
        boolean whole = !sample.succeeded() || sample.firstEventNanos().isPresent() && sample.outputTokens() > 0;
        if (sent - sample.queuedNanos() < 0 || begun - sent < 0 || ended - begun < 0 || !whole) {
            inconsistent.add(sample);
        }
        if (sample.throttled()) {
            throttled.incrementAndGet();
        }
        if (sample.succeeded()) {
            succeeded.countDown();
        }
    }
}
