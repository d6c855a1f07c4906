package dev.kimi.internal.call;

/**
 * How long a stream has sent nothing, and how long nothing but keep-alives. It counts only while more is asked for:
 * otherwise the silence is the consumer's. Written by whoever asks or reads, read in turns of the call.
 */
final class Silence {

    private volatile long contentNanos;
    /** 0 while nobody asks. */
    private volatile long lifeNanos;

    /** More is asked for, after a time in which it was not. */
    void begins(long nowNanos) {
        contentCame(nowNanos);
    }

    void contentCame(long nowNanos) {
        // in this order: whoever sees that it counts sees since when
        contentNanos = nowNanos | 1;
        lifeNanos = nowNanos | 1;
    }

    /** Bytes came, and no content: a comment, a ping, a part of an event. */
    void keepAliveCame(long nowNanos) {
        lifeNanos = nowNanos | 1;
    }

    /** Nobody asks for more. */
    void ends() {
        lifeNanos = 0;
    }

    /** Since when nothing has come, or 0 while nobody asks. */
    long sinceLifeNanos() {
        return lifeNanos;
    }

    /** Since when no content has come; only while somebody asks. */
    long sinceContentNanos() {
        return contentNanos;
    }
}
