package dev.kimi.architecture.samples.tidy.internal.call;

abstract class Counted {
    private int count;

    public void run() {
        count++;
    }
}
