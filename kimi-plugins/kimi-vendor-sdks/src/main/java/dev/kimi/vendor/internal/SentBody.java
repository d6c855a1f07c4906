package dev.kimi.vendor.internal;

import dev.kimi.transport.RequestBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The body of one call of an SDK, which is closed once: when the call needs it no more and nobody writes it. At most
 * one thread writes it at a time, also where an attempt begins while that of the one before has not ended. Thread-safe.
 */
final class SentBody implements AutoCloseable {

    /** The bodies of an SDK's JSON are in memory anyway; up to this size a copy is cheaper than a thread. */
    private static final int IN_MEMORY = 1 << 20;

    private final @Nullable VendorBody body;

    // guarded by this
    private int users = 1;
    private boolean closed;

    private SentBody(@Nullable VendorBody body) {
        this.body = body;
    }

    static SentBody of(@Nullable VendorBody body) {
        return new SentBody(body);
    }

    /** As the engine reads it. */
    RequestBody read() throws IOException {
        if (body == null) {
            return RequestBody.empty();
        }
        long length = body.length();
        if (!body.isRepeatable() || length < 0 || length > IN_MEMORY) {
            return new WrittenBody(body, Math.max(length, RequestBody.UNKNOWN_LENGTH), this);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) length);
        body.writeTo(bytes);
        return RequestBody.of(bytes.toByteArray());
    }

    /** Whether it is still open, and stays so until {@link #leave}. */
    synchronized boolean enter() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    void leave() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        if (body != null) {
            body.close();
        }
    }

    /** The call needs it no more. Idempotent; does not wait. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        leave();
    }
}
