package dev.kimi.architecture.samples.tidy.retry;

public sealed interface Decision {
    record Stop(RetryPolicy by) implements Decision {}
}
