package dev.kimi.internal.endpoint;

import dev.kimi.error.KimiException;

/**
 * What a call has that a {@link Circuit} let in. Its outcomes are reported here; all but the first of a probe say
 * nothing. Thread-safe.
 */
public abstract class Pass {

    /** Of a route with one endpoint, where nothing depends on it. */
    public static final Pass NONE = new Pass() {
        @Override
        public void succeeded(boolean streamed) {}

        @Override
        public void failed(boolean streamed, KimiException failure) {}

        @Override
        public void left() {}
    };

    Pass() {}

    /** Whether the call is to find out that the service has recovered: one of few, so that no throttle rejects it. */
    public boolean isProbe() {
        return false;
    }

    /** A stream was sent, and waits for the head of its response; one of the two below ends that. */
    public void awaitsHead() {}

    /** A stream that was said to wait for its head is over without one. */
    public void awaitsNoMore() {}

    /**
     * The head of a response has come.
     *
     * @param waited whether it was said that it is waited for
     */
    public void headCame(boolean waited) {}

    /** It was the good one of a stream that was sent at that moment of the clock. */
    public void streamBegins(long sentNanos) {}

    /** Whether a stream without a head, which was sent at that moment of the clock, need not wait any longer. */
    public boolean isInVain(long sentNanos) {
        return false;
    }

    /**
     * The first of a good response was delivered: enough for a probe, but where the circuit was opened by streams that
     * were cut after that.
     */
    public void begun() {}

    /**
     * A good response is whole.
     *
     * @param streamed whether it was a stream
     */
    public abstract void succeeded(boolean streamed);

    /**
     * An attempt has failed, before anything of its response was delivered.
     *
     * @param streamed whether it was that of a stream
     */
    public abstract void failed(boolean streamed, KimiException failure);

    /** A stream has failed of which something was delivered. */
    public void cut(KimiException failure) {
        failed(true, failure);
    }

    /** The call is over at the endpoint; says nothing if it had an outcome. */
    public abstract void left();
}
