package dev.kimi.internal.call;

import dev.kimi.internal.leak.Leaks;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A stream as the program holds it. Nothing in the library refers to it but what it gives to read from, so that the
 * garbage collector sees when the program drops both.
 */
abstract class WatchedStream<T> implements Flow.Publisher<T>, AutoCloseable {

    private final StreamBuffer<T> stream;
    private final Cleaner.Cleanable watch;

    WatchedStream(StreamBuffer<T> stream, Leaks leaks) {
        this.stream = stream;
        this.watch = leaks.watch(this, stream);
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        try {
            if (stream.subscribe(subscriber)) {
                watch.clean();
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        try {
            stream.close();
            watch.clean();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Claims the one use of the stream. */
    final void use() {
        try {
            if (!stream.use()) {
                throw new IllegalStateException(StreamBuffer.USED);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The next item, blocking while none is there; null at the end. */
    final @Nullable T await() {
        try {
            T next = stream.await();
            if (next == null) {
                watch.clean();
            }
            return next;
        } finally {
            // a thread that waits for the last time it asks has no other use for the handle
            Reference.reachabilityFence(this);
        }
    }
}
