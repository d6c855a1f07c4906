package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.internal.endpoint.Hedging;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.quota.Reservation;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One way of a call to a response, at one endpoint, from attempt to attempt. A call that goes on elsewhere leaves it
 * and begins another.
 *
 * <p>Everything that happens to it becomes a turn of the call. A turn that finds it in a state that it does not expect,
 * or another attempt than its own, does nothing: that is how late responses, late timers and second cancels end.
 */
final class Track implements Attempt.Owner, Admittance.Guest {

    private final TrackOwner call;
    private final CallOwner owner;
    private final CallPlan plan;
    private final ResponseConsumer consumer;
    private final CallReport report;
    private final TimeSource time;
    private final TimeLimits limits;
    private final Visit visit;
    private final Admittance admittance;
    private final @Nullable Hedging hedging;
    /** Null where there is no other endpoint. */
    private final @Nullable Lookout lookout;

    // Below: touched only in turns of the call.
    private volatile CallState state = CallState.NEW;
    private int lastStatus;
    private volatile @Nullable Attempt attempt;
    private @Nullable KimiException recoveringFrom;
    /** The response is whole, and what follows in its body is waited for. */
    private boolean trailing;

    /** A retry was decided on and has not begun. */
    private boolean retryInHand;

    /** The commit point of the attempt that its one attempt is made beside. */
    private @Nullable CommitPoint rival;

    /**
     * @param mayLeave whether the call may go on elsewhere
     * @param detours what the response says of the way here
     * @param at the endpoint, and the request as it has encoded it
     */
    Track(
            TrackOwner call,
            CallParts parts,
            CallPlan plan,
            CallReport report,
            boolean mayLeave,
            List<Note> detours,
            Route.Stage at) {
        this.call = call;
        this.owner = parts.owner();
        this.plan = plan;
        this.consumer = parts.consumer();
        this.report = report;
        this.time = parts.settings().time();
        this.limits = new TimeLimits(parts.settings(), plan, report.startNanos(), () -> call.turn(this::timerFired));
        this.visit = new Visit(at.leg(), plan.request(), at.encoded(), detours);
        this.admittance = new Admittance(this, call, owner, limits, report, visit);
        Reservation granted = at.granted();
        if (granted != null) {
            admittance.hold(granted);
        }
        this.hedging = parts.router().hedging();
        this.lookout = mayLeave ? new Lookout(call, visit, admittance, limits, time, plan, hedging) : null;
    }

    /** What it is doing; the one thing of its turns that others may read. */
    @Override
    public CallState state() {
        return state;
    }

    /** Whether its request is kept from the service only by there being no connection for it. */
    boolean waitsForConnection() {
        Attempt current = attempt;
        return state == CallState.SENDING && current != null && current.phase() != Phase.HEADERS;
    }

    /** The status of the last response, 0 if the last attempt got none. */
    int lastStatus() {
        return lastStatus;
    }

    /** Time until the deadline of the call; never negative. */
    Duration remaining() {
        return limits.remaining();
    }

    // --- what others tell it -----------------------------------------------------------------------------------

    /** The call begins here, unless its route says otherwise. */
    void begin() {
        if (lookout != null) {
            lookout.begins();
        }
        limits.begin();
    }

    /** Goes to wait for quota. */
    void enter() {
        long waitNanos = admittance.enter();
        if (waitNanos > 0 && lookout != null) {
            lookout.queued(waitNanos);
        }
    }

    /** Has its quota already. */
    void enterAdmitted() {
        admittance.approach();
    }

    /** Has its quota already, for one attempt that is made beside another. */
    void race(CommitPoint with) {
        rival = with;
        limits.untilDeadline();
        enterAdmitted();
    }

    /** What it holds at its endpoint. */
    Visit visit() {
        return visit;
    }

    /** Whether something of its attempt was delivered. */
    boolean delivered() {
        Attempt current = attempt;
        return current != null && current.committed();
    }

    /** The first event has come now, or it will not be waited for. */
    void measure() {
        Attempt current = attempt;
        if (hedging != null && current != null) {
            hedging.took(visit.endpoint(), plan.request(), time.nanoTime() - current.startNanos());
        }
    }

    /** Goes on for a call that was elsewhere before. */
    void after(Track before, @Nullable KimiException failure) {
        // first, since the timer may be closed already, which ends the call
        lastStatus = before.lastStatus;
        recoveringFrom = failure == null ? before.recoveringFrom : failure;
        limits.untilDeadline();
    }

    /** Ends an attempt without a head, which may be worked on in vain, and gives what that means. */
    KimiException abandon() {
        Attempt waiting = attempt;
        if (waiting == null) {
            throw new IllegalStateException("nothing waits");
        }
        KimiException failure = Failures.silent(Duration.ofNanos(time.nanoTime() - waiting.startNanos()), context());
        visit.failed(failure, false);
        abandon(waiting, failure);
        return failure;
    }

    private void abandon(Attempt waiting, KimiException failure) {
        waiting.abort();
        report.attemptFinished(waiting, failure);
    }

    /** The first event was handed over. */
    void firstEventDelivered() {
        // it may have waited behind the turn that ended the call, after which nothing is reported
        if (state == CallState.RECEIVING) {
            visit.pass().begun();
            call.responded();
            measure();
            report.firstEvent();
        }
    }

    @Override
    public void headersArrived(Attempt from, ResponseHead head) {
        call.turn(() -> {
            if (from != attempt || state != CallState.SENDING) {
                return;
            }
            state = CallState.RECEIVING;
            lastStatus = head.status();
            BodyReader reader = visit.read(from, head, consumer);
            if (plan.streamed()) {
                limits.watchSilence();
            }
            reader.begun();
        });
    }

    @Override
    public void responseComplete(Attempt from) {
        call.turn(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                if (!trailing && from.trails()) {
                    trailing = true;
                    limits.fireIn(TimeLimits.TRAIL_NANOS);
                } else {
                    received(from);
                    owner.linger(from);
                }
            }
        });
    }

    /** Ends the call well if it only waits for what may follow its response. */
    boolean endsTrailing() {
        Attempt whole = attempt;
        if (!trailing || whole == null || state != CallState.RECEIVING) {
            return false;
        }
        received(whole);
        owner.linger(whole);
        return true;
    }

    @Override
    public void streamFailed(Attempt from, StreamFailure failure) {
        call.turn(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                attemptFailed(from, AttemptFailure.ofResponse(failure.toException(context())));
            }
        });
    }

    /** Ends the call instead of leaving it hanging. */
    @Override
    public void readerBroke(Attempt from, Throwable e) {
        call.turn(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                endAttempt(from, Failures.unreadable(e, context()), false);
            }
        });
    }

    @Override
    public void exchangeFailed(Attempt from, TransportFailure failure) {
        call.turn(() -> {
            if (from == attempt && (state == CallState.SENDING || state == CallState.RECEIVING)) {
                attemptFailed(from, from.broke(failure, context()));
            }
        });
    }

    // --- what it does ------------------------------------------------------------------------------------------

    @Override
    public void waits(CallState at) {
        state = at;
    }

    @Override
    public @Nullable KimiException recoveringFrom() {
        return recoveringFrom;
    }

    /** Asks for credentials, and sends the request with them. */
    @Override
    public void letIn() {
        state = CallState.CREDENTIALS;
        CompletionStage<Credentials> stage = visit.credentials().ask();
        Credentials ready = CallCredentials.readyNow(stage);
        if (ready != null) {
            send(ready);
            return;
        }
        int forAttempt = visit.attempts();
        stage.whenComplete((obtained, failure) -> call.turn(() -> {
            if (state != CallState.CREDENTIALS || visit.attempts() != forAttempt) {
                return;
            }
            if (failure == null) {
                send(obtained);
            } else {
                recover(AttemptFailure.of(Failures.ofCredentials(failure, context())), true);
            }
        }));
    }

    private void send(Credentials with) {
        state = CallState.SENDING;
        visit.credentials().sentWith(with);
        lastStatus = 0;
        Attempt next = new Attempt(
                this, call.attemptStarts(), visit.endpoint().name(), time.nanoTime(), time::nanoTime, rival);
        attempt = next;
        visit.attemptStarts(next.startNanos());
        visit.takeNotes().forEach(report::noted);
        report.attemptStarted(next);
        if (lookout != null) {
            lookout.sends();
        }
        limits.phase(next.startNanos(), plan.responseLimit());
        if (owner.closed()) {
            // its cancel is on its way: the service need not hear of the call
            call.cancelled(owner.closing(details()));
            return;
        }
        next.sent(visit.send(with, time, limits.deadlineNanos(), next));
    }

    private void received(Attempt from) {
        BodyReader reader = from.reader();
        if (reader == null) {
            return;
        }
        AttemptFailure failure = from.conclude(context());
        if (failure != null) {
            attemptFailed(from, failure);
            return;
        }
        if (!from.commit()) {
            // the other attempt has delivered, and this turn came before the one that ends this attempt for that
            return;
        }
        reader.notes().forEach(report::noted);
        visit.succeeded();
        call.responded();
        call.succeeded(reader);
    }

    private void attemptFailed(Attempt from, AttemptFailure failed) {
        KimiException failure = failed.exception();
        boolean undelivered = from.kill();
        if (!from.isOver()) {
            owner.linger(from);
        }
        visit.attemptFailed(failed);
        if (failed.saysLoad()) {
            visit.learn(failure, from.startNanos());
        }
        boolean rejected = failure instanceof AuthenticationException && failure.status() == 401;
        if (rejected && undelivered && visit.mayReplaceCredentials()) {
            report.attemptFinished(from, failure);
            recoveringFrom = failure;
            if (!waitsForOther(admittance::approach)) {
                admittance.approach();
            }
            return;
        }
        recover(failed, undelivered);
    }

    private void recover(AttemptFailure failed, boolean undelivered) {
        KimiException failure = failed.exception();
        Attempt last = attempt;
        if (last != null && state != CallState.CREDENTIALS) {
            report.attemptFinished(last, failure);
        }
        if (failed.saysHealth()) {
            visit.failed(failure, !undelivered);
        }
        if (!undelivered) {
            call.failed(failure, false);
        } else if (!waitsForOther(() -> goOnAfter(failed))) {
            goOnAfter(failed);
        }
    }

    /** Whether the call waits for another attempt, after this one has failed. */
    private boolean waitsForOther(Runnable goesOn) {
        if (!call.waitsForOther(goesOn)) {
            return false;
        }
        if (state != CallState.DONE) {
            attempt = null;
            state = CallState.BACK_OFF;
            limits.untilDeadline();
        }
        return true;
    }

    private void goOnAfter(AttemptFailure failed) {
        KimiException failure = failed.exception();
        Recovery.Verdict verdict = visit.rewrites(failure)
                ? Recovery.Verdict.replay(Duration.ZERO)
                : visit.recovery().decide(failed, limits.remaining());
        Duration delay = verdict.delay();
        if (delay == null) {
            call.failed(verdict.failure(), failed.maySendElsewhere());
            return;
        }
        retryInHand = !verdict.free() && failed.maySendElsewhere();
        if (retryInHand && call.leaves(delay, failure)) {
            return;
        }
        retryInHand = false;
        recoveringFrom = failure;
        admittance.comesAgain(verdict.free());
        attempt = null;
        state = CallState.BACK_OFF;
        if (!delay.isZero()) {
            // before anybody hears of it, who may then move a clock of his own
            limits.phase(time.nanoTime(), delay);
        }
        report.retryScheduled(call.attempts() + 1, delay, verdict.source(), failure);
        if (delay.isZero()) {
            admittance.approach();
        }
    }

    /** The call goes on elsewhere. */
    void leave() {
        CallState leftIn = state;
        state = CallState.DONE;
        if (retryInHand) {
            visit.recovery().notMade();
        }
        limits.stop();
        admittance.leave(leftIn, null);
    }

    /** The one way to DONE: everything that it held is given back here. */
    void end(@Nullable Usage usage, @Nullable KimiException failure) {
        CallState endedIn = state;
        Attempt last = attempt;
        boolean attemptOpen = endedIn == CallState.SENDING || endedIn == CallState.RECEIVING;
        state = CallState.DONE;
        limits.stop();
        if (last != null && attemptOpen) {
            if (usage == null && !last.isOver()) {
                last.abort();
            }
            report.attemptFinished(last, failure);
        }
        admittance.leave(endedIn, usage);
    }

    // --- time --------------------------------------------------------------------------------------------------

    private void timerFired() {
        if (state == CallState.DONE || endsTrailing()) {
            return;
        }
        PassedLimit passed = limits.passed(state, attempt);
        if (passed == null) {
            if (lookout != null) {
                lookout.look(state, attempt);
            }
            return;
        }
        if (state == CallState.BACK_OFF && !limits.remaining().isZero()) {
            admittance.approach();
        } else {
            LimitGate gate = state == CallState.GATED ? admittance.heldAt() : null;
            timedOut(passed, Failures.timedOut(passed, gate, recoveringFrom, context()));
        }
    }

    private void timedOut(PassedLimit passed, KimiException failure) {
        Attempt late = passed.whole() == null ? attempt : null;
        if (late == null) {
            call.failed(failure, false);
        } else {
            visit.failed(failure, late.committed());
            // a service that takes a stream on sends its head at once
            endAttempt(late, failure, state == CallState.SENDING && plan.streamed());
        }
    }

    /** @param mayGoOn whether the call may be sent elsewhere if nothing was delivered */
    private void endAttempt(Attempt ended, KimiException failure, boolean mayGoOn) {
        boolean undelivered = ended.kill();
        if (undelivered) {
            abandon(ended, failure);
        }
        if (!undelivered || !waitsForOther(() -> call.failed(failure, mayGoOn))) {
            call.failed(failure, undelivered && mayGoOn);
        }
    }

    KimiException.Details details() {
        return context().details().build();
    }

    @Override
    public ErrorContext context() {
        // a response that came to an attempt that was cancelled says nothing about what failed later
        return report.context(call.attempts(), state == CallState.RECEIVING ? attempt : null, visit.model());
    }
}
