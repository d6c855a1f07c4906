package dev.kimi;

import java.util.ArrayDeque;
import java.util.Deque;

/** The parts that were made for one client and hold something: they end with it. Thread-safe. */
final class OwnedParts {

    private static final System.Logger LOG = System.getLogger("dev.kimi.plugins");

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Remembers the part if it can be closed, and gives it back. */
    synchronized <T> T add(T part) {
        if (part instanceof AutoCloseable closeable) {
            parts.push(closeable);
        }
        return part;
    }

    /** Closes the youngest first. One that fails does not keep the others open. */
    synchronized void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "A " + part.getClass().getName() + " could not be closed", e);
            }
        }
    }
}
