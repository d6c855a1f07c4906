package dev.kimi.starter.web.autoconfigure;

import dev.kimi.error.KimiException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Tells what only carries a failure from one thread to another from what the application made of it. */
final class Unwrapped {

    private Unwrapped() {}

    /**
     * Spring offers a handler every exception that has the handled one among its causes. One that the application threw
     * on purpose, such as a {@code ResponseStatusException}, has a status of its own.
     */
    static boolean isWrapperOf(Throwable thrown, KimiException failure) {
        @Nullable Throwable carried = thrown;
        while (carried instanceof CompletionException || carried instanceof ExecutionException) {
            carried = carried.getCause();
        }
        return carried == failure;
    }
}
