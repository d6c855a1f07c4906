package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.quota.Reservation;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One way of a call to a response: from endpoint to endpoint, one after the other, and there from attempt to attempt.
 *
 * <pre>{@code
 * NEW -> QUEUED -> GATED -> CREDENTIALS -> SENDING -> RECEIVING -> DONE
 *          ^         ^                                   |
 *          |         +------------- BACK_OFF <-----------+        (and DONE from everywhere)
 *          +---- another endpoint, from wherever it failed before anything was delivered
 * }</pre>
 *
 * Everything that happens to it becomes a turn of the call. A turn that finds it in a state that it does not expect, or
 * another attempt than its own, does nothing: that is how late responses, late timers and second cancels end.
 */
final class Track implements Attempt.Owner, QuotaLease.Taker, Entrance.Comer {

    /** The call that wants the response. Notified in turns of the call only. */
    interface Owner {

        /** Runs that as a turn of the call. */
        void turn(Runnable turn);

        /** How many attempts the call has made. */
        int attempts();

        /** Another attempt begins: its number. */
        int attemptStarts();

        /** The response is whole. Its reader hands it over. */
        void succeeded(BodyReader reader);

        /** Nothing more is tried. */
        void failed(KimiException failure);

        /** Nothing more may be tried. */
        void cancelled(KimiException reason);
    }

    /** So often a stream that waits for the head of its response looks whether that is in vain. */
    private static final Duration HEAD_LOOK = Duration.ofMillis(250);

    /** So often a call that waits for quota looks whether it need not wait elsewhere. */
    private static final Duration QUEUE_LOOK = Duration.ofSeconds(1);

    private final Owner call;
    private final CallOwner owner;
    private final CallPlan plan;
    private final ResponseConsumer consumer;
    private final CallReport report;
    private final Route route;
    private final TimeSource time;
    private final TimeLimits limits;

    // Below: touched only in turns of the call.
    private volatile CallState state = CallState.NEW;
    private int lastStatus;
    private volatile @Nullable Attempt attempt;
    private @Nullable KimiException recoveringFrom;
    private Visit visit;
    private long queuedNanos;

    /** @param at where it begins, and the request as that endpoint has encoded it */
    Track(Owner call, CallParts parts, CallPlan plan, CallReport report, Route route, Route.Stage at) {
        this.call = call;
        this.owner = parts.owner();
        this.plan = plan;
        this.consumer = parts.consumer();
        this.report = report;
        this.route = route;
        this.time = parts.settings().time();
        this.limits = new TimeLimits(parts.settings(), plan, report.startNanos(), () -> call.turn(this::timerFired));
        this.visit = new Visit(at.leg(), plan.request(), at.encoded(), List.of(), this);
    }

    /** What it is doing; the one thing of its turns that others may read. */
    CallState state() {
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

    /** Never negative. */
    Duration remaining() {
        return limits.remaining();
    }

    @Override
    public long deadlineNanos() {
        return limits.deadlineNanos();
    }

    @Override
    public boolean isAbandoned() {
        return owner.closed();
    }

    // --- what others tell it -----------------------------------------------------------------------------------

    void start() {
        lookSoon();
        limits.begin();
        if (!goTo(route.begin(visit::stays), null)) {
            queue();
        }
    }

    private void queue() {
        state = CallState.QUEUED;
        queuedNanos = time.nanoTime();
        long wait = visit.lease().enter();
        if (wait > 0 && route.hasOthers()) {
            leaveQueue(Duration.ofNanos(wait));
        }
    }

    /** Goes where it need not wait for quota, or looks again in a while. */
    private void leaveQueue(Duration wait) {
        if (!goTo(route.ratherThanQueue(wait), null)) {
            limits.fireBy(QUEUE_LOOK);
        }
    }

    /** No limit has passed; but the call may be better off elsewhere. */
    private void lookAround() {
        if (!route.hasOthers()) {
            return;
        }
        if (state == CallState.QUEUED) {
            long waited = time.nanoTime() - queuedNanos;
            leaveQueue(Duration.ofNanos(waited + visit.lease().firstWaitsNanos()));
        } else if (state == CallState.SENDING) {
            Attempt waiting = attempt;
            if (waiting == null || !leaveSilence(waiting)) {
                lookSoon();
            }
        }
    }

    /** A stream that waits for the head of its response looks often whether that is in vain. */
    private void lookSoon() {
        if (plan.streamed() && route.hasOthers()) {
            limits.fireBy(HEAD_LOOK);
        }
    }

    /** Leaves an endpoint that sends no heads, if there is another. What was sent there may be worked on in vain. */
    private boolean leaveSilence(Attempt waiting) {
        if (!plan.streamed() || !visit.isInVain(waiting)) {
            return false;
        }
        Route.Stage next = route.ratherThanWait(limits.phaseRemaining(), null);
        if (next == null) {
            return false;
        }
        Duration waited = Duration.ofNanos(time.nanoTime() - waiting.startNanos());
        KimiException failure = Failures.silent(waited, context());
        visit.pass().failed(failure);
        waiting.abort();
        report.attemptFinished(waiting, failure);
        return goTo(next, failure);
    }

    /** The first event was handed over. */
    void firstEventDelivered() {
        // it may have waited behind the turn that ended the call, after which nothing is reported
        if (state == CallState.RECEIVING) {
            visit.pass().begun();
            route.responded();
            report.firstEvent();
        }
    }

    @Override
    public void admitted(QuotaLease here, Reservation granted) {
        call.turn(() -> {
            if (state == CallState.QUEUED && here == visit.lease()) {
                here.hold(granted);
                approach();
            } else {
                here.giveBack(granted);
            }
        });
    }

    @Override
    public void notAdmitted(QuotaLease here, Function<KimiException.Details, KimiException> reason) {
        call.turn(() -> {
            if (state == CallState.QUEUED && here == visit.lease()) {
                goElsewhere(reason.apply(details()));
            }
        });
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
                received(from);
                owner.linger(from);
            }
        });
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
                call.failed(Failures.unreadable(e, context()));
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

    /** Goes to where all callers are held back after a 429 that applies to them. */
    private void approach() {
        state = CallState.GATED;
        // the timer that ended a back-off has fired, and neither the gate nor a provider of credentials has to respond
        limits.untilDeadline();
        go(visit.entrance().enter());
    }

    @Override
    public void gateOpened(Entrance here) {
        call.turn(() -> {
            if (state == CallState.GATED && here == visit.entrance()) {
                go(visit.entrance().opened());
            }
        });
    }

    private void go(Entrance.Outcome outcome) {
        switch (outcome) {
            case OPEN -> obtainCredentials();
            // gateOpened() follows
            case WAIT -> held(visit.entrance().remainingWait());
            default -> goElsewhere(visit.entrance().rejection(outcome, recoveringFrom, context()));
        }
    }

    private void held(Duration wait) {
        if (!goTo(route.ratherThanWait(wait, null), null)) {
            report.held(wait);
        }
    }

    private void obtainCredentials() {
        state = CallState.CREDENTIALS;
        Visit here = visit;
        CompletionStage<Credentials> stage = here.credentials().ask();
        Credentials ready = CallCredentials.readyNow(stage);
        if (ready != null) {
            send(ready);
            return;
        }
        int forAttempt = here.attempts();
        stage.whenComplete((obtained, failure) -> call.turn(() -> {
            if (state != CallState.CREDENTIALS || visit != here || here.attempts() != forAttempt) {
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
        Attempt next =
                new Attempt(this, call.attemptStarts(), visit.endpoint().name(), time.nanoTime(), time::nanoTime);
        attempt = next;
        visit.attemptStarts(next.startNanos());
        visit.takeNotes().forEach(report::noted);
        report.attemptStarted(next);
        lookSoon();
        limits.phase(next.startNanos(), plan.responseLimit());
        if (owner.closed()) {
            // its cancel is on its way: the service need not hear of the call
            call.cancelled(Failures.closed(details()));
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
        reader.notes().forEach(report::noted);
        visit.recovery().succeeded();
        visit.pass().succeeded();
        route.responded();
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
            approach();
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
            visit.pass().failed(failure);
        }
        if (!undelivered) {
            call.failed(failure);
            return;
        }
        Recovery.Verdict verdict = visit.rewrites(failure)
                ? Recovery.Verdict.replay(Duration.ZERO)
                : visit.recovery().decide(failed, limits.remaining());
        Duration delay = verdict.delay();
        if (delay == null) {
            if (failed.maySendElsewhere()) {
                goElsewhere(verdict.failure());
            } else {
                call.failed(verdict.failure());
            }
            return;
        }
        Recovery here = visit.recovery();
        boolean mayLeave = !verdict.free() && failed.maySendElsewhere();
        if (mayLeave && goTo(route.ratherThanWait(delay, failure), failure)) {
            here.notMade();
            return;
        }
        recoveringFrom = failure;
        visit.entrance().comesAgain(verdict.free());
        attempt = null;
        state = CallState.BACK_OFF;
        if (!delay.isZero()) {
            // before anybody hears of it, who may then move a clock of his own
            limits.phase(time.nanoTime(), delay);
        }
        report.retryScheduled(call.attempts() + 1, delay, verdict.source(), failure);
        if (delay.isZero()) {
            approach();
        }
    }

    /** Nothing more is tried at this endpoint: the router says where the call goes on, or that it fails. */
    private void goElsewhere(KimiException failure) {
        if (!goTo(route.next(failure), failure)) {
            call.failed(failure);
        }
    }

    private boolean goTo(Route.@Nullable Stage next, @Nullable KimiException failure) {
        if (next == null) {
            return false;
        }
        leavePlace(state);
        report.rerouted(next, failure);
        visit.settle(null);
        recoveringFrom = failure == null ? recoveringFrom : failure;
        attempt = null;
        visit = new Visit(next.leg(), plan.request(), next.encoded(), route.notes(), this);
        limits.untilDeadline();
        Reservation granted = next.granted();
        if (granted == null) {
            queue();
        } else {
            visit.lease().hold(granted);
            approach();
        }
        return true;
    }

    /** The one way to DONE: everything that it held is given back here. */
    void end(@Nullable Usage usage, @Nullable KimiException failure) {
        CallState endedIn = state;
        Attempt last = attempt;
        boolean attemptOpen = endedIn == CallState.SENDING || endedIn == CallState.RECEIVING;
        state = CallState.DONE;
        limits.stop();
        leavePlace(endedIn);
        if (last != null && attemptOpen) {
            if (usage == null && !last.isOver()) {
                last.abort();
            }
            report.attemptFinished(last, failure);
        }
        visit.settle(usage);
    }

    /** Waits no longer where it waited. */
    private void leavePlace(CallState waitedIn) {
        if (waitedIn == CallState.QUEUED) {
            visit.lease().leave();
        } else if (waitedIn == CallState.GATED) {
            visit.entrance().leave();
        }
    }

    // --- time --------------------------------------------------------------------------------------------------

    private void timerFired() {
        if (state == CallState.DONE) {
            return;
        }
        PassedLimit passed = limits.passed(state, attempt);
        if (passed == null) {
            lookAround();
            return;
        }
        if (state == CallState.BACK_OFF && !limits.remaining().isZero()) {
            approach();
        } else {
            LimitGate gate = state == CallState.GATED ? visit.entrance().heldAt() : null;
            timedOut(passed, Failures.timedOut(passed, gate, recoveringFrom, context()));
        }
    }

    private void timedOut(PassedLimit passed, KimiException failure) {
        Attempt late = passed.whole() == null ? attempt : null;
        if (late != null) {
            visit.pass().failed(failure);
        }
        if (late != null && state == CallState.SENDING && plan.streamed() && late.kill()) {
            // a service that takes a stream on sends its head at once
            late.abort();
            report.attemptFinished(late, failure);
            goElsewhere(failure);
        } else {
            call.failed(failure);
        }
    }

    KimiException.Details details() {
        return context().details().build();
    }

    ErrorContext context() {
        // a response that came to an attempt that was cancelled says nothing about what failed later
        return report.context(call.attempts(), state == CallState.RECEIVING ? attempt : null, visit.model());
    }
}
