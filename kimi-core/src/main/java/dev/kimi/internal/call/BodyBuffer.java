package dev.kimi.internal.call;

import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.leak.Leaks;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/** The buffer of a body that is handed on as it comes. */
final class BodyBuffer extends StreamBuffer<ByteBuffer> {

    /** Bytes: two or three reads of a socket, so that the transport is busy while the consumer is. */
    static final int LOW_MARK = 64 << 10;

    BodyBuffer(Executor executor, Leaks leaks, CallMade made) {
        super(Leaks.Kind.EXCHANGE, LOW_MARK, executor, leaks, made);
    }

    @Override
    int weight(ByteBuffer piece) {
        return piece.limit();
    }
}
