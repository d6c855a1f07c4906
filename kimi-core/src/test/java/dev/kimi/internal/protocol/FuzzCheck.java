package dev.kimi.internal.protocol;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What targets say when something does not hold; cheaper than an assertion library, of which millions would be made.
 */
final class FuzzCheck {

    private FuzzCheck() {}

    static void hold(boolean fact, String otherwise) {
        if (!fact) {
            throw new AssertionError(otherwise);
        }
    }

    static void same(@Nullable Object expected, @Nullable Object found, String what) {
        if (!Objects.equals(expected, found)) {
            throw new AssertionError(what + ": expected " + expected + " but found " + found);
        }
    }
}
