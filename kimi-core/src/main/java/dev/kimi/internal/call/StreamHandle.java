package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.util.EventLoops;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The stream as the program holds it. Nothing in the library refers to it but the iterator that it gives, so that the
 * garbage collector sees when the program drops both.
 */
final class StreamHandle implements ChatStream {

    private final EventBuffer stream;
    private final Cleaner.Cleanable watch;

    StreamHandle(EventBuffer stream, Leaks leaks) {
        this.stream = stream;
        this.watch = leaks.watch(this, stream);
    }

    @Override
    public Iterator<ChatEvent> iterator() {
        try {
            // before the use is claimed: the stream can still be subscribed to
            EventLoops.checkMayWait();
            if (!stream.use()) {
                throw new IllegalStateException(EventBuffer.USED);
            }
            return new Events(this);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ChatEvent> subscriber) {
        try {
            if (stream.subscribe(subscriber)) {
                watch.clean();
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public ChatResponse response() {
        try {
            return stream.response();
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

    /** Keeps the handle alive for as long as somebody may ask for more. */
    private static final class Events implements Iterator<ChatEvent> {

        private final StreamHandle handle;
        private @Nullable ChatEvent next;

        private Events(StreamHandle handle) {
            this.handle = handle;
        }

        @Override
        public boolean hasNext() {
            try {
                if (next == null) {
                    next = handle.stream.await();
                    if (next == null) {
                        handle.watch.clean();
                    }
                }
                return next != null;
            } finally {
                // a thread that waits for the last time it asks has no other use for the handle
                Reference.reachabilityFence(handle);
            }
        }

        @Override
        public ChatEvent next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the stream has ended");
            }
            ChatEvent taken = next;
            next = null;
            if (taken == null) {
                throw new NoSuchElementException("the stream has ended");
            }
            return taken;
        }
    }
}
