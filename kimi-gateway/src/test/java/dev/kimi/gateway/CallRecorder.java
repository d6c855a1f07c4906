package dev.kimi.gateway;

import dev.kimi.gateway.call.GatewayCall;
import dev.kimi.gateway.call.GatewayListener;
import dev.kimi.test.support.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what calls were notified of, and which have ended. */
public final class CallRecorder implements GatewayListener {

    private final List<String> events = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final BlockingQueue<GatewayCall> ended = new LinkedBlockingQueue<>();

    @Override
    public void started(GatewayCall call) {
        open.incrementAndGet();
        add("started");
    }

    @Override
    public void admitted(GatewayCall call) {
        add("admitted");
    }

    @Override
    public void responded(GatewayCall call) {
        add("responded");
    }

    @Override
    public void firstByte(GatewayCall call) {
        add("firstByte");
    }

    @Override
    public void ended(GatewayCall call) {
        add("ended");
        ended.add(call);
        open.decrementAndGet();
    }

    private synchronized void add(String event) {
        events.add(event);
    }

    /** What happened since the last reset, but for bytes. */
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    /** Waits for the next call to end. */
    public GatewayCall awaitEnded() {
        try {
            GatewayCall call = ended.poll(20, TimeUnit.SECONDS);
            if (call == null) {
                throw new IllegalStateException("no call has ended; there were: " + events());
            }
            return call;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Forgets what was, when calls of tests before have ended. */
    void reset() {
        if (!Eventually.holds(Duration.ofSeconds(20), () -> open.get() == 0)) {
            throw new IllegalStateException("calls of an earlier test have not ended: " + events());
        }
        synchronized (this) {
            events.clear();
            ended.clear();
        }
    }
}
