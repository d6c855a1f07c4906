package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.util.EventLoops;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The stream of a chat as the program holds it. */
final class StreamHandle extends WatchedStream<ChatEvent> implements ChatStream {

    private final EventBuffer stream;

    StreamHandle(EventBuffer stream, Leaks leaks) {
        super(stream, leaks);
        this.stream = stream;
    }

    @Override
    public Iterator<ChatEvent> iterator() {
        // before the use is claimed: the stream can still be subscribed to
        EventLoops.checkMayWait();
        use();
        return new Events(this);
    }

    @Override
    public ChatResponse response() {
        try {
            return stream.response();
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
            if (next == null) {
                next = handle.await();
            }
            return next != null;
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
