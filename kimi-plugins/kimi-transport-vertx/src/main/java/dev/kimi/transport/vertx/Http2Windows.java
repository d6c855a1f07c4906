package dev.kimi.transport.vertx;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * How much the server may send before it is read. A stream's window is refilled by what its consumer has taken, so a
 * consumer that pauses stops its stream; the connection's window is refilled as soon as something arrives, so that no
 * number of paused streams stops the others. What waits unread is thus at most the windows of the open streams: the
 * {@linkplain #FIRST_WINDOW first} for each, and {@link #GROWN_WINDOW} for those that are read, as long as the
 * {@link Allowance} lasts. Belongs to its loop's thread.
 */
final class Http2Windows extends DefaultHttp2LocalFlowController {

    /** What a stream may hold unread that has not been read from yet, in bytes. */
    static final int FIRST_WINDOW = 32 * 1024;
    /** What a stream may hold unread once it is being read, in bytes; responses of language models come slowly. */
    static final int GROWN_WINDOW = 128 * 1024;
    /** Streams of a transport with a grown window at a time: 64 MiB beyond the first windows. */
    static final int MAX_GROWN = (64 << 20) / (GROWN_WINDOW - FIRST_WINDOW);

    /** What may be on its way on one connection, in bytes. */
    private static final int CONNECTION_WINDOW = 4 * 1024 * 1024;
    /** Unread frames of one stream, each of which takes some memory of its own however small it is. */
    private static final int MAX_FRAMES = 8 * 1024;

    private final Allowance allowance;
    private final Http2Connection.PropertyKey unreadKey;

    /** Takes the place of the connection's flow control, on which there must have been no stream. */
    Http2Windows(Allowance allowance, Http2Connection connection) {
        super(connection, DEFAULT_WINDOW_UPDATE_RATIO, true);
        this.allowance = allowance;
        this.unreadKey = connection.newKey();
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamActive(Http2Stream stream) {
                stream.setProperty(unreadKey, new Unread());
            }

            @Override
            public void onStreamClosed(Http2Stream stream) {
                Unread unread = stream.removeProperty(unreadKey);
                if (unread != null && unread.grown) {
                    allowance.giveBack();
                }
            }
        });
    }

    /** Opens the connection's window as far as it ever is. */
    void open(Http2Stream connectionStream) throws Http2Exception {
        incrementWindowSize(connectionStream, CONNECTION_WINDOW - initialWindowSize(connectionStream));
    }

    @Override
    public void receiveFlowControlledFrame(Http2Stream stream, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        super.receiveFlowControlledFrame(stream, data, padding, endOfStream);
        if (padding > 0) {
            super.consumeBytes(stream, padding);
        }
        Unread unread = stream == null ? null : stream.getProperty(unreadKey);
        if (unread != null && data.isReadable() && ++unread.frames > MAX_FRAMES) {
            throw Http2Exception.streamError(
                    stream.id(), Http2Error.ENHANCE_YOUR_CALM, "More than %d frames are unread", MAX_FRAMES);
        }
    }

    /** Vert.x returns what has merely been put into its queue: only {@link #consumed} counts. */
    @Override
    public boolean consumeBytes(Http2Stream stream, int bytes) {
        return false;
    }

    /**
     * The consumer has taken a frame's data.
     *
     * @return whether there is something to flush
     */
    boolean consumed(Http2Stream stream, int bytes) throws Http2Exception {
        boolean refilled = super.consumeBytes(stream, bytes);
        Unread unread = stream.getProperty(unreadKey);
        if (unread == null) {
            return refilled;
        }
        unread.frames--;
        if (refilled && !unread.grown && allowance.take()) {
            unread.grown = true;
            incrementWindowSize(stream, GROWN_WINDOW - FIRST_WINDOW);
        }
        return refilled;
    }

    /** The streams of one loop that may yet have a grown window. Belongs to its loop's thread. */
    static final class Allowance {

        private int left;

        /** @param streams how many may have one at a time */
        Allowance(int streams) {
            this.left = streams;
        }

        private boolean take() {
            if (left == 0) {
                return false;
            }
            left--;
            return true;
        }

        private void giveBack() {
            left++;
        }
    }

    private static final class Unread {
        int frames;
        boolean grown;
    }
}
