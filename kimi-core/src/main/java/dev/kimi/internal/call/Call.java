package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallEvent.Hedged;
import dev.kimi.internal.endpoint.EncodedRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.endpoint.Leg;
import dev.kimi.internal.endpoint.Pass;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.util.Mailbox;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call: gets one outcome for its caller, by a {@link Track} at one endpoint after the other.
 *
 * <p>Everything that happens to the call, on whatever thread, becomes a turn of its mailbox, so that no two turns
 * overlap and no lock is held while others are called.
 */
final class Call implements CallHandle, TrackOwner {

    private static final System.Logger LOG = System.getLogger("dev.kimi.calls");

    private final CallOwner owner;
    private final CallPlan plan;
    private final ResponseConsumer consumer;
    private final CallMade made;
    private final CallReport report;
    private final Mailbox mailbox = new Mailbox(this::broke);
    private final CallParts parts;
    private final Route route;

    // Below: written in turns of the mailbox only.
    private volatile Track track;
    /** The attempt beside that of the track, while neither has delivered. */
    private @Nullable Hedge hedge;

    private boolean hedged;
    private @Nullable Note hedgeNote;
    private volatile int attempts;

    /** @param first the endpoint that the call begins at, which has encoded the request */
    Call(CallParts parts, CallPlan plan, Endpoint first, EncodedRequest encoded) {
        this.parts = parts;
        this.owner = parts.owner();
        this.consumer = parts.consumer();
        this.made = parts.made();
        this.plan = plan;
        this.report = new CallReport(parts.settings().time(), parts.observer());
        this.route = new Route(parts.router(), plan.request(), first, this::remaining);
        this.track = track(new Route.Stage(first.name(), Leg.stay(first, Pass.NONE), encoded, null));
    }

    private Track track(Route.Stage at) {
        return new Track(this, parts, plan, report, route.hasOthers(), route.notes(), at);
    }

    private Duration remaining() {
        return track.remaining();
    }

    OpenCall open() {
        return OpenCall.of(made, plan, state().name());
    }

    /** Whether the response is to be a stream. */
    boolean streamed() {
        return plan.streamed();
    }

    /** What the call is doing; the one thing of its turns that others may read. */
    CallState state() {
        return track.state();
    }

    /** Whether its request is kept from the service only by there being no connection for it. */
    boolean waitsForConnection() {
        return track.waitsForConnection();
    }

    // --- what others tell the call -----------------------------------------------------------------------------

    void start() {
        mailbox.run(() -> {
            if (state() == CallState.NEW) {
                track.begin();
                if (!goTo(route.begin(track.visit()::stays), null)) {
                    track.enter();
                }
            }
        });
    }

    @Override
    public void cancel(Function<KimiException.Details, KimiException> reason) {
        mailbox.run(() -> {
            if (state() != CallState.DONE && !track.endsTrailing()) {
                cancelled(reason.apply(track.details()));
            }
        });
    }

    @Override
    public KimiException.Details known() {
        return report.context(attempts, null, null).details().build();
    }

    /** The observer is notified of it in order with everything else. */
    @Override
    public void firstEventDelivered() {
        mailbox.run(() -> {
            decideRace();
            track.firstEventDelivered();
        });
    }

    // --- what its track tells the call -------------------------------------------------------------------------

    @Override
    public void turn(Runnable turn) {
        mailbox.run(turn);
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public int attemptStarts() {
        return ++attempts;
    }

    @Override
    public void succeeded(BodyReader reader) {
        if (hedgeNote != null) {
            reader.note(hedgeNote);
        }
        end(CallEvent.Outcome.SUCCESS, reader.usage(), null);
        try {
            reader.handOver();
        } finally {
            owner.ended(this);
        }
    }

    @Override
    public void responded() {
        decideRace();
        route.responded();
    }

    @Override
    public void failed(KimiException failure, boolean mayGoOn) {
        if (!mayGoOn || !goTo(route.next(failure), failure)) {
            fail(failure);
        }
    }

    @Override
    public boolean leaves(Duration wait, @Nullable KimiException failure) {
        return goTo(route.ratherThanWait(wait, failure), failure);
    }

    @Override
    public boolean leavesQueue(Duration wait) {
        return goTo(route.ratherThanQueue(wait), null);
    }

    @Override
    public boolean leavesSilence(Duration wait) {
        // while there is a second attempt, it is that one which is waited for
        Route.Stage next = hedge == null ? route.ratherThanWait(wait, null) : null;
        return next != null && goTo(next, track.abandon());
    }

    // --- a second attempt --------------------------------------------------------------------------------------

    @Override
    public void hedge(Attempt first) {
        if (hedged || !hedging().take()) {
            return;
        }
        Route.Stage there = route.hedge();
        if (there == null || there.granted() == null) {
            hedging().giveBack();
            return;
        }
        hedged = true;
        Duration after = Duration.ofNanos(parts.settings().time().nanoTime() - first.startNanos());
        Hedge made = new Hedge(this, this::hedgeIsOut, parts, plan, report, there, after);
        hedge = made;
        made.begin(first);
    }

    private Hedging hedging() {
        return Objects.requireNonNull(parts.router().hedging());
    }

    @Override
    public boolean waitsForOther(Runnable goesOn) {
        Hedge open = hedge;
        if (open == null) {
            return false;
        }
        decideRace();
        if (hedge != null) {
            open.firstIsOut(goesOn);
        }
        return true;
    }

    /** Nothing comes of the second attempt: the call goes on as if it had not been. */
    private void hedgeIsOut() {
        Hedge open = hedge;
        if (open == null) {
            return;
        }
        boolean sent = open.track().visit().attempts() > 0;
        open.track().end(null, null);
        if (sent) {
            hedgeIsOver(open, null, open.track());
        } else {
            hedge = null;
            hedging().giveBack();
        }
        Runnable goesOn = open.firstGoesOn();
        if (goesOn != null) {
            goesOn.run();
        }
    }

    /** If one of two attempts has delivered, the other is over. */
    private void decideRace() {
        Hedge open = hedge;
        if (open == null) {
            return;
        }
        boolean firstDelivered = track.delivered();
        if (!firstDelivered && !open.track().delivered()) {
            return;
        }
        // whatever happens below, this is decided
        hedge = null;
        Track loser = firstDelivered ? open.track() : track;
        if (!firstDelivered) {
            // how long it takes there is not known, but it is as long at least
            loser.measure();
            track = open.track();
            open.wins();
            route.isAt(track.visit().endpoint());
        }
        loser.end(null, Failures.lost(track.visit().endpoint().name(), loser.details()));
        hedgeIsOver(open, firstDelivered, loser);
    }

    private void hedgeIsOver(Hedge open, @Nullable Boolean firstDelivered, Track loser) {
        hedge = null;
        Hedged event = open.event(
                firstDelivered,
                loser.visit().mayBePaid() ? Hedging.promptPrice(loser.visit().endpoint(), plan.request()) : null);
        hedgeNote = Hedge.note(event);
        report.hedged(event);
    }

    private boolean goTo(Route.@Nullable Stage next, @Nullable KimiException failure) {
        if (next == null) {
            return false;
        }
        Track before = track;
        // first, since it holds what was granted, and the timer may be closed by what follows
        track = track(next);
        report.rerouted(next, failure);
        before.leave();
        track.after(before, failure);
        if (next.granted() == null) {
            track.enter();
        } else {
            track.enterAdmitted();
        }
        return true;
    }

    @Override
    public void cancelled(KimiException reason) {
        end(CallEvent.Outcome.CANCELLED, null, reason);
        try {
            consumer.cancelled(reason);
        } finally {
            owner.ended(this);
        }
    }

    /** A turn threw, by a bug of ours or of a plug-in: the call ends with that instead of hanging for ever. */
    private void broke(RuntimeException e) {
        if (state() == CallState.DONE) {
            LOG.log(System.Logger.Level.ERROR, "A call that had ended failed to clean up", e);
        } else if (owner.closed()) {
            // a turn that was under way trips over the closed timer: it is the closing that its caller must hear of
            cancelled(owner.closing(track.details()));
        } else {
            fail(Failures.broken(e, track.context()));
        }
    }

    private void fail(KimiException failure) {
        end(CallEvent.Outcome.FAILURE, null, failure);
        try {
            consumer.failed(failure);
        } finally {
            owner.ended(this);
        }
    }

    private void end(CallEvent.Outcome outcome, @Nullable Usage usage, @Nullable KimiException failure) {
        decideRace();
        track.end(usage, failure);
        Hedge open = hedge;
        if (open != null) {
            open.track().end(null, failure);
            hedgeIsOver(open, null, open.track());
        }
        report.finished(outcome, track.lastStatus(), attempts, usage == null ? Usage.NONE : usage, failure);
    }
}
