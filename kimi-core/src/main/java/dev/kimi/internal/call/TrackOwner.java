package dev.kimi.internal.call;

import dev.kimi.error.KimiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The call that wants the response. Notified in turns of the call only. */
interface TrackOwner {

    /** Runs that as a turn of the call. */
    void turn(Runnable turn);

    /** How many attempts the call has made. */
    int attempts();

    /** Another attempt begins: its number. */
    int attemptStarts();

    /** Something of a good response was delivered. */
    void responded();

    /** The response is whole. Its reader hands it over. */
    void succeeded(BodyReader reader);

    /**
     * Nothing more is tried here.
     *
     * @param mayGoOn whether something may be tried elsewhere
     */
    void failed(KimiException failure, boolean mayGoOn);

    /** Nothing more may be tried. */
    void cancelled(KimiException reason);

    /**
     * The attempt has failed, and nothing of it was delivered: whether another is to be waited for.
     *
     * @param goesOn run when nothing comes of that either
     */
    boolean waitsForOther(Runnable goesOn);

    /** The attempt has waited so long that the call may be sent elsewhere too. */
    void hedge(Attempt first);

    /** The call would wait: whether it has left instead. */
    boolean leaves(Duration wait, @Nullable KimiException failure);

    /** The call would wait for quota: whether it has left instead. */
    boolean leavesQueue(Duration wait);

    /** No head of a response comes: whether the call has left. */
    boolean leavesSilence(Duration wait);
}
