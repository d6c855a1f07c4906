package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.endpoint.Circuit;
import dev.kimi.internal.endpoint.EncodedRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.Leg;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.util.Mailbox;
import dev.kimi.quota.Reservation;
import dev.kimi.time.TimeSource;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one call.
 *
 * <pre>{@code
 * NEW -> QUEUED -> GATED -> CREDENTIALS -> SENDING -> RECEIVING -> DONE
 *          ^         ^                                   |
 *          |         +------------- BACK_OFF <-----------+        (and DONE from everywhere)
 *          +---- another endpoint, from wherever it failed before anything was delivered
 * }</pre>
 *
 * Everything that happens to the call, on whatever thread, becomes a turn of its mailbox, so that no two turns overlap
 * and no lock is held while others are called. A turn that finds the call in a state that it does not expect, or
 * another attempt than its own, does nothing: that is how late responses, late timers and second cancels end.
 */
final class Call implements CallHandle, Attempt.Owner, QuotaLease.Taker, Entrance.Comer {

    private static final System.Logger LOG = System.getLogger("dev.kimi.calls");

    private final CallOwner owner;
    private final CallPlan plan;
    private final ResponseConsumer consumer;
    private final Route route;
    private final CallMade made;
    private final TimeSource time;
    private final CallReport report;
    private final TimeLimits limits;
    private final Mailbox mailbox = new Mailbox(this::broke);

    // Below: touched only in turns of the mailbox.
    private volatile CallState state = CallState.NEW;
    private volatile int attempts;
    private int lastStatus;
    private volatile @Nullable Attempt attempt;
    private @Nullable KimiException recoveringFrom;
    private Visit visit;

    /** @param first the endpoint that the call begins at, which has encoded the request */
    Call(CallParts parts, CallPlan plan, Endpoint first, EncodedRequest encoded) {
        this.owner = parts.owner();
        this.consumer = parts.consumer();
        this.made = parts.made();
        this.plan = plan;
        this.time = parts.settings().time();
        long startNanos = time.nanoTime();
        this.report = new CallReport(time, parts.observer(), startNanos);
        this.limits = new TimeLimits(parts.settings(), plan, startNanos, () -> mailbox.run(this::timerFired));
        this.route = new Route(parts.router(), plan.request(), first, limits::remaining);
        this.visit = new Visit(Leg.stay(first, Circuit.Pass.NONE), plan.request(), encoded, List.of(), this);
    }

    OpenCall open() {
        return OpenCall.of(made, plan, state.name());
    }

    /** Whether the response is to be a stream. */
    boolean streamed() {
        return plan.streamed();
    }

    /** What the call is doing; the one thing of its turns that others may read. */
    CallState state() {
        return state;
    }

    /** Whether its request is kept from the service only by there being no connection for it. */
    boolean waitsForConnection() {
        Attempt current = attempt;
        return state == CallState.SENDING && current != null && current.phase() != Phase.HEADERS;
    }

    @Override
    public long deadlineNanos() {
        return limits.deadlineNanos();
    }

    @Override
    public boolean isAbandoned() {
        return owner.closed();
    }

    // --- what others tell the call -----------------------------------------------------------------------------

    void start() {
        mailbox.run(() -> {
            if (state == CallState.NEW) {
                limits.begin();
                if (!goTo(route.begin(visit::stays), null)) {
                    queue();
                }
            }
        });
    }

    private void queue() {
        state = CallState.QUEUED;
        visit.lease().enter();
    }

    @Override
    public void admitted(QuotaLease here, Reservation granted) {
        mailbox.run(() -> {
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
        mailbox.run(() -> {
            if (state == CallState.QUEUED && here == visit.lease()) {
                goElsewhere(reason.apply(details()));
            }
        });
    }

    @Override
    public void cancel(Function<KimiException.Details, KimiException> reason) {
        mailbox.run(() -> {
            if (state != CallState.DONE) {
                cancelled(reason.apply(details()));
            }
        });
    }

    @Override
    public KimiException.Details known() {
        return report.context(attempts, null, null).details().build();
    }

    @Override
    public void headersArrived(Attempt from, ResponseHead head) {
        mailbox.run(() -> {
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
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                received(from);
                owner.linger(from);
            }
        });
    }

    @Override
    public void streamFailed(Attempt from, StreamFailure failure) {
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                attemptFailed(from, AttemptFailure.ofResponse(failure.toException(context())));
            }
        });
    }

    /** Ends the call instead of leaving it hanging. */
    @Override
    public void readerBroke(Attempt from, Throwable e) {
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                fail(Failures.unreadable(e, context()));
            }
        });
    }

    @Override
    public void exchangeFailed(Attempt from, TransportFailure failure) {
        mailbox.run(() -> {
            if (from == attempt && (state == CallState.SENDING || state == CallState.RECEIVING)) {
                attemptFailed(from, from.broke(failure, context()));
            }
        });
    }

    // --- what the call does ------------------------------------------------------------------------------------

    /** Goes to where all callers are held back after a 429 that applies to them. */
    private void approach() {
        state = CallState.GATED;
        // the timer that ended a back-off has fired, and neither the gate nor a provider of credentials has to respond
        limits.untilDeadline();
        go(visit.entrance().enter());
    }

    @Override
    public void gateOpened(Entrance here) {
        mailbox.run(() -> {
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
        int forAttempt = attempts;
        stage.whenComplete((obtained, failure) -> mailbox.run(() -> {
            if (state != CallState.CREDENTIALS || attempts != forAttempt || visit != here) {
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
        attempts++;
        lastStatus = 0;
        Attempt next = new Attempt(this, attempts, time.nanoTime(), time::nanoTime);
        attempt = next;
        visit.attemptStarts(next.startNanos());
        visit.takeNotes().forEach(report::noted);
        report.attemptStarted(next, visit.endpoint().name());
        limits.phase(next.startNanos(), plan.responseLimit());
        if (owner.closed()) {
            // its cancel is on its way: the service need not hear of the call
            cancelled(Failures.closed(details()));
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
        end(CallEvent.Outcome.SUCCESS, null);
        reader.handOver();
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
            fail(failure);
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
                fail(verdict.failure());
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
        report.retryScheduled(attempts + 1, delay, verdict.source(), failure);
        if (delay.isZero()) {
            approach();
        }
    }

    /** Nothing more is tried at this endpoint: the router says where the call goes on, or that it fails. */
    private void goElsewhere(KimiException failure) {
        if (!goTo(route.next(failure), failure)) {
            fail(failure);
        }
    }

    private boolean goTo(Route.@Nullable Stage next, @Nullable KimiException failure) {
        if (next == null) {
            return false;
        }
        if (state == CallState.GATED) {
            visit.entrance().leave();
        }
        report.rerouted(next, failure);
        visit.settle(null);
        recoveringFrom = failure == null ? recoveringFrom : failure;
        attempt = null;
        visit = new Visit(next.leg(), plan.request(), next.encoded(), route.notes(), this);
        limits.untilDeadline();
        queue();
        return true;
    }

    /** A turn threw, by a bug of ours or of a plug-in: the call ends with that instead of hanging for ever. */
    private void broke(RuntimeException e) {
        if (state == CallState.DONE) {
            LOG.log(System.Logger.Level.ERROR, "A call that had ended failed to clean up", e);
        } else if (owner.closed()) {
            // a turn that was under way trips over the closed timer: it is the closing that its caller must hear of
            cancelled(Failures.closed(details()));
        } else {
            fail(Failures.broken(e, context()));
        }
    }

    private void cancelled(KimiException reason) {
        end(CallEvent.Outcome.CANCELLED, reason);
        consumer.cancelled(reason);
    }

    private void fail(KimiException failure) {
        end(CallEvent.Outcome.FAILURE, failure);
        consumer.failed(failure);
    }

    /** The one way to DONE: everything the call held is given back here. */
    private void end(CallEvent.Outcome outcome, @Nullable KimiException failure) {
        CallState endedIn = state;
        Attempt last = attempt;
        BodyReader reader = last == null ? null : last.reader();
        Usage usage = outcome == CallEvent.Outcome.SUCCESS && reader != null ? reader.usage() : Usage.NONE;
        boolean attemptOpen = endedIn == CallState.SENDING || endedIn == CallState.RECEIVING;
        state = CallState.DONE;
        limits.stop();
        if (endedIn == CallState.QUEUED) {
            visit.lease().leave();
        } else if (endedIn == CallState.GATED) {
            visit.entrance().leave();
        }
        if (last != null && attemptOpen) {
            if (outcome != CallEvent.Outcome.SUCCESS && !last.isOver()) {
                last.abort();
            }
            report.attemptFinished(last, failure);
        }
        visit.settle(outcome == CallEvent.Outcome.SUCCESS ? usage : null);
        owner.ended(this);
        report.finished(outcome, lastStatus, attempts, usage, failure);
    }

    // --- time --------------------------------------------------------------------------------------------------

    private void timerFired() {
        if (state == CallState.DONE) {
            return;
        }
        PassedLimit passed = limits.passed(state, attempt);
        if (passed == null) {
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
            fail(failure);
        }
    }

    private KimiException.Details details() {
        return context().details().build();
    }

    private ErrorContext context() {
        // a response that came to an attempt that was cancelled says nothing about what failed later
        return report.context(attempts, state == CallState.RECEIVING ? attempt : null, visit.model());
    }

    /** The observer is notified of it in order with everything else. */
    @Override
    public void firstEventDelivered() {
        mailbox.run(() -> {
            // it may have waited behind the turn that ended the call, after which nothing is reported
            if (state == CallState.RECEIVING) {
                visit.pass().begun();
                route.responded();
                report.firstEvent();
            }
        });
    }
}
