package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent.Hedged;
import dev.kimi.internal.endpoint.Leg;
import dev.kimi.internal.util.DurationText;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The second attempt of a call, at another endpoint, while the first has not delivered anything. It is one attempt: it
 * waits for no quota and no gate, and when it fails the call is as if it had not been. Used in turns of the call only.
 */
final class Hedge implements TrackOwner {

    private final TrackOwner call;
    private final Runnable isOut;
    private final String from;
    private final String to;
    private final Duration after;
    private final Track track;
    private boolean won;
    private @Nullable Runnable firstGoesOn;

    /**
     * @param isOut run when nothing will come of it
     * @param there the endpoint that it is sent to
     * @param after how long the first attempt had waited
     */
    Hedge(
            TrackOwner call,
            Runnable isOut,
            CallParts parts,
            CallPlan plan,
            CallReport report,
            Route.Stage there,
            Duration after) {
        this.call = call;
        this.isOut = isOut;
        this.from = there.from();
        this.to = there.leg().endpoint().name();
        this.after = after;
        this.track = new Track(this, parts, plan, report, false, List.of(), there);
    }

    /** Sends it, to race with the first attempt for what is delivered. */
    void begin(Attempt first) {
        track.race(first.commitPoint());
    }

    Track track() {
        return track;
    }

    /** It has delivered: from now on it is the way of the call. */
    void wins() {
        won = true;
    }

    /** The first attempt has failed, and goes on like that when nothing comes of this one. */
    void firstIsOut(Runnable goesOn) {
        firstGoesOn = goesOn;
    }

    @Nullable Runnable firstGoesOn() {
        return firstGoesOn;
    }

    /**
     * What observers hear of it.
     *
     * @param firstDelivered whether it was the first attempt, null when neither did
     * @param cost what the other may cost, null where that is not known, or nothing
     */
    Hedged event(@Nullable Boolean firstDelivered, Leg.@Nullable Price cost) {
        return new Hedged(
                from,
                to,
                after,
                firstDelivered == null ? null : firstDelivered ? from : to,
                cost == null ? null : cost.amount(),
                cost == null ? null : cost.currency());
    }

    /** What the response says of it. */
    static Note note(Hedged event) {
        String winner = event.winner();
        String cost = event.cost() == null
                ? ""
                : " The other attempt may cost " + event.cost().toPlainString() + " " + event.currency()
                        + " for the prompt.";
        return new Note(
                Note.HEDGED,
                "Sent to endpoint '" + event.to() + "' too, since '" + event.from() + "' had sent no event for "
                        + DurationText.of(event.after()) + "; "
                        + (winner == null ? "that attempt failed." : "'" + winner + "' responded first.") + cost);
    }

    // --- what its track says -----------------------------------------------------------------------------------

    @Override
    public void turn(Runnable turn) {
        call.turn(turn);
    }

    @Override
    public int attempts() {
        return call.attempts();
    }

    @Override
    public int attemptStarts() {
        return call.attemptStarts();
    }

    @Override
    public void responded() {
        call.responded();
    }

    @Override
    public void succeeded(BodyReader reader) {
        call.succeeded(reader);
    }

    @Override
    public void failed(KimiException failure, boolean mayGoOn) {
        boolean late = failure instanceof DeadlineExceededException
                && track.remaining().isZero();
        if (won || late) {
            call.failed(failure, false);
        } else {
            isOut.run();
        }
    }

    @Override
    public void cancelled(KimiException reason) {
        call.cancelled(reason);
    }

    @Override
    public boolean waitsForOther(Runnable goesOn) {
        return leaves();
    }

    @Override
    public boolean leaves(Duration wait, @Nullable KimiException failure) {
        return leaves();
    }

    @Override
    public boolean leavesQueue(Duration wait) {
        return leaves();
    }

    @Override
    public boolean leavesSilence(Duration wait) {
        return leaves();
    }

    private boolean leaves() {
        if (won) {
            return false;
        }
        isOut.run();
        return true;
    }

    @Override
    public void hedge(Attempt first) {
        // there is no third
    }
}
