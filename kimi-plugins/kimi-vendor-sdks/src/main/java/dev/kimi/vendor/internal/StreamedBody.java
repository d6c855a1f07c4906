package dev.kimi.vendor.internal;

import dev.kimi.error.KimiException;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response by demand. An SDK closes a response as soon as it has what it needs, which may be before the
 * end of the body was read: after the last brace of a JSON text, or the end mark of a stream. Such a close is no
 * cancel, and the connection is good for the next request; any other close before the end cancels the call.
 *
 * <p>Read by one thread; closing is thread-safe and does not wait.
 */
final class StreamedBody extends InputStream {

    private static final int PIECE = 8 << 10;

    /** A line break within it cannot be part of an event's text. */
    private static final byte[] END_MARK = "\ndata: [DONE]".getBytes(StandardCharsets.US_ASCII);

    private static final int TAIL = END_MARK.length + 8;

    private final ServiceStream stream;
    /** Of a JSON text the last bytes are given out when it is known whether there are more. */
    private final boolean looksAhead;

    /** Of the thread that reads. */
    private final byte[] tail = new byte[TAIL];

    private byte[] current = new byte[0];
    private int position;

    // guarded by this, which nobody holds while reading
    private @Nullable InputStream source;
    private boolean reading;
    private boolean ended;
    private boolean marked;
    private boolean closed;

    StreamedBody(ServiceStream stream) {
        this.stream = stream;
        this.looksAhead = VendorResponse.isJson(stream.headers());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!looksAhead) {
            return receive(into, from, length);
        }
        checkOpen();
        if (position == current.length && !fill()) {
            return -1;
        }
        int taken = Math.min(length, current.length - position);
        System.arraycopy(current, position, into, from, taken);
        position += taken;
        if (position == current.length) {
            fill();
        }
        return taken;
    }

    /** Whether there is another piece, for which it waits. */
    private boolean fill() throws IOException {
        byte[] piece = new byte[PIECE];
        int size = receive(piece, 0, PIECE);
        current = size < 0 ? new byte[0] : Arrays.copyOf(piece, size);
        position = 0;
        return size >= 0;
    }

    private int receive(byte[] into, int from, int length) throws IOException {
        InputStream open = begin();
        if (open == null) {
            return -1;
        }
        int size = 0;
        try {
            size = open.read(into, from, length);
            return size;
        } catch (KimiException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            done(size < 0, size > 0 && !looksAhead && isMarked(into, from, size));
        }
    }

    /** What is to be read, or null at the end. */
    private synchronized @Nullable InputStream begin() throws IOException {
        checkOpen();
        if (ended) {
            return null;
        }
        InputStream open = source == null ? stream.inputStream() : source;
        source = open;
        reading = true;
        return open;
    }

    private synchronized void done(boolean isEnd, boolean isMark) {
        reading = false;
        ended |= isEnd;
        marked = isMark;
    }

    private synchronized void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the response was closed");
        }
    }

    /** Whether the end mark is among the last bytes. */
    private boolean isMarked(byte[] bytes, int from, int size) {
        int taken = Math.min(size, TAIL);
        System.arraycopy(tail, taken, tail, 0, TAIL - taken);
        System.arraycopy(bytes, from + size - taken, tail, TAIL - taken, taken);
        boolean found = false;
        for (int start = 0; start <= TAIL - END_MARK.length && !found; start++) {
            found = Arrays.equals(tail, start, start + END_MARK.length, END_MARK, 0, END_MARK.length);
        }
        return found;
    }

    @Override
    public void close() {
        boolean keeps;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            // a thread that waits within a read has to come back
            keeps = !ended && !reading && (marked || source == null && hasNoBody());
        }
        if (keeps) {
            Remainder.read(stream, source);
        } else {
            stream.close();
        }
    }

    private boolean hasNoBody() {
        return stream.status() == 204 || "0".equals(stream.headers().first("content-length"));
    }
}
