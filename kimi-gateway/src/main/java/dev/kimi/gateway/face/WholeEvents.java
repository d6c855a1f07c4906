package dev.kimi.gateway.face;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Lets only whole events of an event stream through: what a client has got ends where a ping or an error can follow.
 * Used by one thread at a time.
 */
final class WholeEvents {

    private static final int LONGEST = 1024 * 1024;

    private byte[] held = new byte[0];
    private boolean inEvent;

    /** The events that are whole now, or null when there are none; the rest is kept. */
    @Nullable ByteBuffer add(ByteBuffer bytes) {
        ByteBuffer all = held.length == 0 ? bytes : joined(bytes);
        int end = endOfLastEvent(all);
        if (end == all.limit()) {
            held = new byte[0];
            inEvent = false;
            return all;
        }
        if (end < 0 && all.remaining() > LONGEST) {
            // Too long to be kept: it goes on as it is, and nothing can be put into it.
            held = new byte[0];
            inEvent = true;
            return all;
        }
        int from = Math.max(end, all.position());
        held = new byte[all.limit() - from];
        all.get(from, held);
        if (end < 0) {
            return null;
        }
        inEvent = false;
        return all.duplicate().limit(end);
    }

    /** Whether the client is within an event, because that one was too long to be kept. */
    boolean inEvent() {
        return inEvent;
    }

    /** What is left when the service has ended its stream. */
    ByteBuffer rest() {
        ByteBuffer rest = ByteBuffer.wrap(held);
        held = new byte[0];
        return rest;
    }

    private ByteBuffer joined(ByteBuffer bytes) {
        ByteBuffer all = ByteBuffer.allocate(held.length + bytes.remaining());
        return all.put(held).put(bytes.duplicate()).flip();
    }

    /** Index behind the last empty line, or -1. */
    private static int endOfLastEvent(ByteBuffer bytes) {
        int first = bytes.position();
        for (int i = bytes.limit() - 1; i > first; i--) {
            if (bytes.get(i) == '\n') {
                byte before = bytes.get(i - 1);
                if (before == '\n' || before == '\r' && i - 2 >= first && bytes.get(i - 2) == '\n') {
                    return i + 1;
                }
            }
        }
        return -1;
    }
}
