package dev.kimi.gateway.face;

import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;

/** The clock and the timer of all calls. */
record Pace(TimeSource time, Timer timer) implements AutoCloseable {

    static Pace ofMachine() {
        return new Pace(TimeSource.system(), Timer.wheel("kimi-gateway-timer"));
    }

    @Override
    public void close() {
        timer.close();
    }
}
