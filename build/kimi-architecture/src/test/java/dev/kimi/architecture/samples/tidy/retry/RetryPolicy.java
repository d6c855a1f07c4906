package dev.kimi.architecture.samples.tidy.retry;

import dev.kimi.architecture.samples.tidy.error.TidyException;

public interface RetryPolicy {
    boolean again(TidyException failure);

    default String name() {
        return "tidy";
    }

    default Decision stop() {
        return new Decision.Stop(this);
    }
}
