package dev.kimi.gateway.face;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.time.Instant;
import org.springframework.context.support.GenericApplicationContext;

/** A time for pings that runs faster than the machine's. */
public final class QuickPace implements TimeSource, Timer {

    private final int factor;
    private final Timer timer = Timer.wheel("quick-pace");

    private QuickPace(int factor) {
        this.factor = factor;
    }

    /** Lets the gateway's time run so many times as fast. */
    public static void register(GenericApplicationContext context, int factor) {
        QuickPace quick = new QuickPace(factor);
        context.registerBean("pace", Pace.class, () -> new Pace(quick, quick));
    }

    @Override
    public long nanoTime() {
        return TimeSource.system().nanoTime() * factor;
    }

    @Override
    public Instant now() {
        return TimeSource.system().now();
    }

    @Override
    public Timeout schedule(long delayNanos, Runnable task) {
        return timer.schedule(delayNanos / factor, task);
    }

    @Override
    public void close() {
        timer.close();
    }

    @Override
    public int pending() {
        return timer.pending();
    }
}
