package dev.kimi.internal.call;

import dev.kimi.internal.leak.Leaks;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Headers;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The response of a streamed exchange as the program holds it. */
final class ServiceStreamHandle extends WatchedStream<ByteBuffer> implements ServiceStream {

    private final ResponseHead head;

    ServiceStreamHandle(ResponseHead head, BodyBuffer body, Leaks leaks) {
        super(body, leaks);
        this.head = head;
    }

    @Override
    public int status() {
        return head.status();
    }

    @Override
    public Headers headers() {
        return head.headers();
    }

    @Override
    public InputStream inputStream() {
        use();
        return new Body(this);
    }

    @Override
    public String toString() {
        return "ServiceStream[" + head.status() + "]";
    }

    /** Keeps the handle alive for as long as somebody may ask for more. Used by one thread, but for closing. */
    private static final class Body extends InputStream {

        private final ServiceStreamHandle handle;
        private ByteBuffer current = ByteBuffer.allocate(0);
        private boolean ended;

        private Body(ServiceStreamHandle handle) {
            this.handle = handle;
        }

        @Override
        public int read() {
            return fill() ? current.get() & 0xFF : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            Objects.checkFromIndexSize(from, length, into.length);
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int taken = Math.min(length, current.remaining());
            current.get(into, from, taken);
            return taken;
        }

        /** Whether there is a byte, for which it waits. */
        private boolean fill() {
            if (!current.hasRemaining() && !ended) {
                @Nullable ByteBuffer next = handle.await();
                ended = next == null;
                current = next == null ? ByteBuffer.allocate(0) : next;
            }
            return current.hasRemaining();
        }

        @Override
        public int available() {
            return current.remaining();
        }

        @Override
        public void close() {
            handle.close();
        }
    }
}
