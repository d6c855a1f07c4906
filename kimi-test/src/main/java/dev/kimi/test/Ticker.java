package dev.kimi.test;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** The simulator's time: reads the clock and runs tasks later, always on the event loop. */
interface Ticker {

    long nanoTime();

    long epochSeconds();

    /** Runs the task on the event loop after the delay; what is returned takes it back. */
    Runnable after(long nanos, Runnable task);

    /** Real time: the timers of the event loop, which count in milliseconds. */
    static Ticker real(Vertx vertx) {
        TimeSource time = TimeSource.system();
        return new Ticker() {
            @Override
            public long nanoTime() {
                return time.nanoTime();
            }

            @Override
            public long epochSeconds() {
                return time.now().getEpochSecond();
            }

            @Override
            public Runnable after(long nanos, Runnable task) {
                long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 500_000));
                long id = vertx.setTimer(millis, ignored -> task.run());
                return () -> vertx.cancelTimer(id);
            }
        };
    }

    /** The given time, whose tasks run on some thread of their own. */
    static Ticker of(TimeSource time, Timer timer, Context context) {
        return new Ticker() {
            @Override
            public long nanoTime() {
                return time.nanoTime();
            }

            @Override
            public long epochSeconds() {
                return time.now().getEpochSecond();
            }

            @Override
            public Runnable after(long nanos, Runnable task) {
                Timer.Timeout timeout = timer.schedule(nanos, () -> context.runOnContext(ignored -> task.run()));
                return timeout::cancel;
            }
        };
    }
}
