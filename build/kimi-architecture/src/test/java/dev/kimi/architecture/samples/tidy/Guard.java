package dev.kimi.architecture.samples.tidy;

import java.util.Objects;

final class Guard {
    static void run(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error e) {
            Objects.requireNonNull(e);
        }
    }
}
