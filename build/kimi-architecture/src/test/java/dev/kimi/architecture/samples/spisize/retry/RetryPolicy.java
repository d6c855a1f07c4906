package dev.kimi.architecture.samples.spisize.retry;

public interface RetryPolicy {
    void one();

    void two();

    void three();
}
