package dev.kimi.transport.vertx;

/**
 * Whether the peer of an HTTP/2 connection still lives. One that has vanished sends no reset, and a model that thinks
 * sends nothing either: a PING tells which. Belongs to its loop's thread.
 */
final class Liveness {

    private static final long SILENCE_NANOS = 20_000_000_000L;
    private static final long PING_NANOS = 10_000_000_000L;

    /** Something has come since the last check. */
    private boolean heard;
    /** Nothing has come since an exchange was begun, which may have been cancelled meanwhile. */
    private boolean owing;
    /** Since when nothing has come, as far as the checks have noticed. */
    private long silentSinceNanos;
    /** When the PING that has not been acknowledged was sent. */
    private long pingedAtNanos;

    private boolean pinging;
    private boolean dead;

    /** Something has come from the peer. */
    void hear() {
        heard = true;
        owing = false;
    }

    /** The peer has acknowledged the PING. */
    void acknowledged() {
        pinging = false;
        hear();
    }

    /**
     * An exchange is begun.
     *
     * @param alone whether there is no other on the connection
     */
    void begin(boolean alone) {
        if (alone && !owing) {
            // its silence counts from now on
            heard = true;
        }
        owing = true;
    }

    /** Whether nothing has come since an exchange was begun, so that it has to be checked without one too. */
    boolean isOwing() {
        return owing;
    }

    /** Whether a PING has not been acknowledged yet. */
    boolean isSuspected() {
        return pinging;
    }

    /** Whether a PING was not acknowledged in time. */
    boolean isDead() {
        return dead;
    }

    /** What to do about the peer, which counts as done. */
    Step check(long now) {
        if (heard) {
            heard = false;
            silentSinceNanos = now;
        } else if (pinging) {
            dead = now - pingedAtNanos >= PING_NANOS;
            return dead ? Step.CLOSE : Step.NOTHING;
        } else if (now - silentSinceNanos >= SILENCE_NANOS) {
            pinging = true;
            pingedAtNanos = now;
            return Step.PING;
        }
        return Step.NOTHING;
    }

    /** What a check calls for. */
    enum Step {
        NOTHING,
        PING,
        CLOSE
    }
}
