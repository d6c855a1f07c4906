package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.protocol.UnreadableResponse;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Keeps a body in memory, up to a limit. */
abstract class Collector implements BodyReader {

    private static final int FIRST_SIZE = 1024;

    private final int limit;
    private final boolean cutAtLimit;
    private byte[] bytes;
    private int length;

    /** @param cutAtLimit true to forget what is beyond the limit, false to fail there */
    Collector(Headers headers, int limit, boolean cutAtLimit) {
        this.limit = limit;
        this.cutAtLimit = cutAtLimit;
        this.bytes = new byte[Math.min(limit, Math.max(FIRST_SIZE, announced(headers)))];
    }

    private int announced(Headers headers) {
        String value = headers.first("content-length");
        if (value == null || value.length() > 9) {
            return 0;
        }
        try {
            // A server can announce what it likes: memory is taken on its word only up to a modest size.
            return Math.min(Integer.parseInt(value), 1 << 20);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    @Override
    public long firstDemand() {
        return Long.MAX_VALUE;
    }

    @Override
    public void feed(ByteBuffer piece) {
        int taken = Math.min(piece.remaining(), limit - length);
        if (taken < piece.remaining() && !cutAtLimit) {
            throw new StreamFailure("body over " + limit + " bytes", this::tooLarge);
        }
        if (length + taken > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(bytes.length * 2, length + taken)));
        }
        piece.get(bytes, length, taken);
        length += taken;
    }

    @Override
    public void chunkRead() {
        // all of them were asked for at the beginning
    }

    private ServerException tooLarge(ErrorContext context) {
        return new ServerException(
                "The response is larger than " + limit + " bytes; request less at a time.",
                context.details().build(),
                new UnreadableResponse("it is larger than " + limit + " bytes"));
    }

    @Override
    public boolean complete() {
        return cutAtLimit && length == limit;
    }

    @Override
    public KimiException broken(TransportFailure failure, ErrorContext context) {
        return Failures.ofBody(failure, context);
    }

    ByteBuffer body() {
        return ByteBuffer.wrap(bytes, 0, length);
    }
}
