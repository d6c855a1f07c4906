package dev.kimi.faults;

import dev.kimi.error.DeadlineExceededException.Phase;
import java.io.IOException;

/**
 * A point in the life of a call: how to bring a call there and hold it, by events and never by waiting, and what has to
 * be seen from outside when it was cancelled there.
 */
abstract class Point implements AutoCloseable {

    /** Whether a call can be cancelled here in this way. */
    boolean takes(Way way) {
        return true;
    }

    /** Lets the service and the client be so that a call gets here and no further. */
    void prepare(CancelFixture fixture) throws IOException {}

    /** Is notified of who is about to call. */
    void begins(Caller caller) {}

    /** Characters of the prompt. */
    int promptSize() {
        return 4;
    }

    /** Whether a stream is read while the call comes here. */
    boolean mayReadBefore() {
        return true;
    }

    /** Whether the call can end only when the test has let go. */
    boolean holdsTheCall() {
        return false;
    }

    /** Whether the call has ended here, so that cancelling changes nothing. */
    boolean ended() {
        return false;
    }

    /** Comes back when the call is here. */
    abstract void await(CancelFixture fixture, Caller caller);

    /** Lets go of what the test held back, now that the call was cancelled. */
    void release(CancelFixture fixture) {}

    /** Requests that the service got. */
    int requests() {
        return 0;
    }

    /** Whether the service sees a request broken off. */
    boolean breaksOff() {
        return false;
    }

    /** What the other side saw, where that is not the simulator. */
    void checkPeer(CancelFixture fixture, Way way) throws IOException {}

    /** What a deadline that passes here names. */
    abstract Phase phase(boolean streamed);

    @Override
    public void close() throws IOException {}

    @Override
    public String toString() {
        return getClass().getSimpleName();
    }
}
