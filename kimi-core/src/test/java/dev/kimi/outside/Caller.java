package dev.kimi.outside;

import dev.kimi.internal.call.Blocking;
import java.util.concurrent.CompletableFuture;

/** Stands in for the code of a user, outside of the engine's package. */
public final class Caller {

    private Caller() {}

    public static <T> T await(CompletableFuture<T> call) {
        return Blocking.call(() -> call);
    }
}
