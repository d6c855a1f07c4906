package dev.kimi.gateway.key.store;

import java.io.IOException;
import java.io.UncheckedIOException;

/** How stores fail. */
final class Failures {

    private Failures() {}

    /** @param message what happened and where, for people and logs */
    static UncheckedIOException of(String message) {
        return new UncheckedIOException(message, new IOException(message));
    }
}
