package dev.kimi.transport.vertx;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Matches what the handler asks for with what Vert.x is asked for. Vert.x reports the end of a body only to who asks
 * for more, so one chunk more is fetched than was asked for; when it is a chunk and not the end, it is kept until it is
 * asked for. Belongs to the loop's thread but for {@link #ask}.
 */
final class BodyFlow {

    private final AtomicLong demand = new AtomicLong();
    /** Chunks that Vert.x may still hand over. */
    private long credit;

    /** One at most, but for those that Vert.x held when the response broke. */
    private final ArrayDeque<Buffer> kept = new ArrayDeque<>(2);

    /** The handler asks for further chunks; callable from any thread. */
    void ask(long chunks) {
        demand.accumulateAndGet(chunks, (now, more) -> now + more < 0 ? Long.MAX_VALUE : now + more);
    }

    /** A chunk from Vert.x. */
    void offer(Buffer chunk) {
        if (credit != Long.MAX_VALUE) {
            credit--;
        }
        if (chunk.length() > 0) {
            kept.add(chunk);
        }
    }

    /** The chunk that is there and asked for, or null. */
    @Nullable Buffer take() {
        if (kept.isEmpty() || demand.get() == 0) {
            return null;
        }
        Buffer chunk = kept.poll();
        if (demand.get() != Long.MAX_VALUE) {
            demand.decrementAndGet();
        }
        return chunk;
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    void drop() {
        kept.clear();
    }

    /** How many chunks to fetch from Vert.x now, which are then expected; 0 for none. */
    long fetch() {
        long asked = demand.get();
        long wanted = asked == Long.MAX_VALUE ? asked : asked + (kept.isEmpty() ? 1 : 0);
        long more = wanted - credit;
        if (more <= 0) {
            return 0;
        }
        credit = wanted;
        return more;
    }
}
