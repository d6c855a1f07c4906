package dev.kimi.architecture.samples.tidy.time;

public final class Clock {
    public long nanos() {
        return System.nanoTime();
    }
}
