package dev.kimi.internal.util;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks gzip (RFC 1952) as it comes, a piece at a time, so that memory does not grow with what a body unpacks to: a
 * body that is larger than {@value #FREE} bytes and than {@value #MAX_RATIO} times what was received is rejected.
 *
 * <p>Fed by one thread; may be closed by any at any time, also from within the sink, and never makes that one wait.
 */
public final class Gunzip {

    /** Bytes that may come of however few: short texts pack well. */
    static final int FREE = 1 << 20;
    /** Bytes that may come of one; text packs to a twentieth at best, a bomb to a thousandth. */
    static final int MAX_RATIO = 100;

    private static final int PIECE = 8 << 10;
    private static final int IDLE = 0;
    private static final int FEEDING = 1;
    private static final int CLOSED = 2;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final GzipFraming framing = new GzipFraming();
    private final byte[] piece = new byte[PIECE];
    private final AtomicInteger state = new AtomicInteger(IDLE);
    private long received;
    private long unpacked;

    /** The body breaks the format or its limits. The message is a fixed text and never a part of the body. */
    public static final class BadBody extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final boolean overLimit;

        BadBody(String reason) {
            this(reason, false);
        }

        private BadBody(String reason, boolean overLimit) {
            super("the packed body " + reason, null, false, false);
            this.overLimit = overLimit;
        }

        /** Whether the body is well formed as far as it was read, and only unpacks to too much. */
        public boolean overLimit() {
            return overLimit;
        }
    }

    /**
     * Unpacks a chunk and hands the sink what comes of it, in pieces that are good only until it returns. Does nothing
     * once closed.
     *
     * @throws BadBody if the body cannot be unpacked
     */
    public void feed(ByteBuffer chunk, Consumer<ByteBuffer> sink) {
        if (!state.compareAndSet(IDLE, FEEDING)) {
            return;
        }
        try {
            received += chunk.remaining();
            while (chunk.hasRemaining() && state.get() == FEEDING) {
                if (framing.isData()) {
                    unpack(chunk, sink);
                } else if (framing.read(chunk.get(), crc.getValue(), inflater.getBytesWritten())) {
                    inflater.reset();
                    crc.reset();
                }
            }
        } finally {
            if (!state.compareAndSet(FEEDING, IDLE)) {
                inflater.end();
            }
        }
    }

    private void unpack(ByteBuffer chunk, Consumer<ByteBuffer> sink) {
        inflater.setInput(chunk);
        try {
            int length = inflater.inflate(piece);
            while (length > 0 && state.get() == FEEDING) {
                unpacked += length;
                if (unpacked > FREE && unpacked > MAX_RATIO * received) {
                    throw new BadBody("unpacks to more than " + MAX_RATIO + " times its size", true);
                }
                crc.update(piece, 0, length);
                sink.accept(ByteBuffer.wrap(piece, 0, length));
                length = state.get() == FEEDING ? inflater.inflate(piece) : 0;
            }
        } catch (DataFormatException e) {
            throw new BadBody("is no gzip");
        }
        if (inflater.finished()) {
            framing.dataEnded();
        } else if (inflater.needsDictionary()) {
            throw new BadBody("is no gzip");
        }
    }

    /**
     * The body has ended.
     *
     * @throws BadBody if it did so in the middle
     */
    public void end() {
        if (!framing.isBetweenMembers()) {
            throw new BadBody("ends too early");
        }
    }

    /** Frees what the unpacking holds outside of the heap. Idempotent. */
    public void close() {
        if (state.getAndSet(CLOSED) == IDLE) {
            inflater.end();
        }
    }
}
