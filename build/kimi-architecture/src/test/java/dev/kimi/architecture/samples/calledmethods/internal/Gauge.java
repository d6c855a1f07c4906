package dev.kimi.architecture.samples.calledmethods.internal;

public final class Gauge {
    private int value;

    public int value() {
        return value;
    }

    int depth(int more) {
        return more == 0 ? value : depth(more - 1);
    }
}
