package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.governor.AccountGate;
import dev.kimi.internal.governor.Governor;
import dev.kimi.internal.leak.CallMade;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.util.Mailbox;
import dev.kimi.quota.Reservation;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one call.
 *
 * <pre>{@code
 *   NEW -> QUEUED -> GATED -> CREDENTIALS -> SENDING -> RECEIVING -> DONE
 *                      ^                                   |
 *                      +------------- BACK_OFF <-----------+        (and DONE from everywhere)
 * }</pre>
 *
 * Everything that happens to the call, on whatever thread, becomes a turn of its mailbox, so that no two turns overlap
 * and no lock is held while others are called. A turn that finds the call in a state that it does not expect, or
 * another attempt than its own, does nothing: that is how late answers, late timers and second cancels end.
 */
final class Call implements AccountGate.Waiter {

    private static final System.Logger LOG = System.getLogger("dev.kimi.call");

    private final Engine engine;
    private final CallPlan plan;
    private final Answer answer;
    private final CallMade made;
    private final CallReport report;
    private final Mailbox mailbox = new Mailbox(this::broke);

    // Below: touched only in turns of the mailbox.
    private volatile CallState state = CallState.NEW;
    private volatile int attempts;
    private int lastStatus;
    private volatile @Nullable Attempt attempt;
    private @Nullable KimiException recoveringFrom;
    private final Booking booking;
    private final CallCredentials credentials;
    private final Governor governor;
    private final Recovery recovery;
    private final Entrance entrance;
    private final TimeLimits limits;

    Call(Engine engine, CallPlan plan, Answer answer, CallObserver observer, CallMade made) {
        this.engine = engine;
        this.plan = plan;
        this.answer = answer;
        this.made = made;
        this.booking = new Booking(engine);
        this.credentials = new CallCredentials(engine.credentials());
        this.governor = engine.governor();
        this.recovery = new Recovery(engine, governor);
        this.entrance = new Entrance(governor, this);
        long startNanos = engine.nanoTime();
        this.report = new CallReport(engine, observer, startNanos);
        this.limits = new TimeLimits(engine, plan, startNanos, () -> mailbox.run(this::alarmRang));
    }

    CallPlan plan() {
        return plan;
    }

    CallMade made() {
        return made;
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

    long nanoTime() {
        return engine.nanoTime();
    }

    // --- what others tell the call -----------------------------------------------------------------------------

    void start() {
        mailbox.run(() -> {
            if (state == CallState.NEW) {
                state = CallState.QUEUED;
                limits.begin();
                engine.admission().enter(this);
            }
        });
    }

    void admitted(Reservation granted) {
        mailbox.run(() -> {
            if (state == CallState.QUEUED) {
                booking.hold(granted);
                approach();
            } else {
                booking.refuse(granted);
            }
        });
    }

    void refused(Function<KimiException.Details, KimiException> reason) {
        mailbox.run(() -> {
            if (state == CallState.QUEUED) {
                fail(reason.apply(details()));
            }
        });
    }

    /**
     * Gives the call up. Never blocks: at most it leaves the work to the thread that is in a turn.
     *
     * @param reason makes the exception of what is known of the call when that turn comes
     */
    void cancel(Function<KimiException.Details, KimiException> reason) {
        mailbox.run(() -> {
            if (state != CallState.DONE) {
                cancelled(reason.apply(details()));
            }
        });
    }

    /** What any thread may know of the call. */
    KimiException.Details known() {
        return report.context(attempts, null).details().build();
    }

    void headersArrived(Attempt from, int status, Headers headers) {
        mailbox.run(() -> {
            if (from != attempt || state != CallState.SENDING) {
                return;
            }
            state = CallState.RECEIVING;
            lastStatus = status;
            from.answered(status, headers, plan.model() != null);
            if (from.isGood()) {
                from.read(answer.open(from, status, from.headers()));
                if (plan.streamed()) {
                    limits.watchSilence();
                }
            } else {
                from.read(new Collector(from.headers(), Engine.ERROR_BODY_LIMIT, true));
            }
        });
    }

    /** The answer is as whole as it will get, although its body may have a few bytes to go. */
    void answerComplete(Attempt from) {
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                received(from);
                engine.linger(from);
            }
        });
    }

    void streamFailed(Attempt from, StreamFailure failure) {
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                attemptFailed(from, AttemptFailure.ofResponse(failure.toException(context())));
            }
        });
    }

    /** A bug of ours or of a plug-in while reading: ends the call instead of leaving it hanging. */
    void readerBroke(Attempt from, Throwable e) {
        mailbox.run(() -> {
            if (from == attempt && state == CallState.RECEIVING) {
                fail(Failures.unreadable(e, context()));
            }
        });
    }

    void exchangeFailed(Attempt from, TransportFailure failure) {
        mailbox.run(() -> {
            if (from != attempt || (state != CallState.SENDING && state != CallState.RECEIVING)) {
                return;
            }
            attemptFailed(from, from.broke(failure, context()));
        });
    }

    // --- what the call does ------------------------------------------------------------------------------------

    /** Goes to where all callers of the account are held back after a 429. */
    private void approach() {
        state = CallState.GATED;
        // the alarm that ended a back-off is spent, and neither the gate nor a provider of credentials needs to answer
        limits.untilDeadline();
        go(entrance.enter());
    }

    @Override
    public void gateOpened() {
        mailbox.run(() -> {
            if (state == CallState.GATED) {
                go(entrance.throttle());
            }
        });
    }

    private void go(Entrance.Outcome outcome) {
        switch (outcome) {
            case OPEN -> obtainCredentials();
            case WAIT -> {
                // gateOpened() follows
            }
            default -> fail(entrance.rejection(outcome, recoveringFrom, context()));
        }
    }

    private void obtainCredentials() {
        state = CallState.CREDENTIALS;
        CompletionStage<Credentials> stage = credentials.ask();
        Credentials ready = CallCredentials.readyNow(stage);
        if (ready != null) {
            send(ready);
            return;
        }
        int forAttempt = attempts;
        stage.whenComplete((obtained, failure) -> mailbox.run(() -> {
            if (state != CallState.CREDENTIALS || attempts != forAttempt) {
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
        credentials.sentWith(with);
        attempts++;
        lastStatus = 0;
        Attempt next = new Attempt(this, attempts, engine.nanoTime());
        attempt = next;
        report.attemptStarted(next);
        if (attempts == 1) {
            governor.firstAttempt(next.startNanos());
        }
        limits.phase(next.startNanos(), plan.answerLimit());
        if (engine.closed()) {
            // its cancel is on its way: the service need not hear of the call
            cancelled(Failures.closed(details()));
            return;
        }
        next.sent(engine.transport().send(engine.planner().request(plan, with), next));
    }

    private void received(Attempt from) {
        BodyReader reader = from.reader();
        if (reader == null) {
            return;
        }
        AttemptFailure failure = from.conclude(engine.protocol(), context());
        if (failure != null) {
            attemptFailed(from, failure);
            return;
        }
        recovery.succeeded();
        end(CallEvent.Outcome.SUCCESS, null);
        answer.succeeded(reader);
    }

    private void attemptFailed(Attempt from, AttemptFailure failed) {
        KimiException failure = failed.exception();
        boolean undelivered = from.kill();
        if (!from.isOver()) {
            engine.linger(from);
        }
        if (failed.saysLoad()) {
            governor.learn(failure, from.startNanos());
        }
        boolean refused = failure instanceof AuthenticationException && failure.status() == 401;
        if (refused && undelivered && credentials.replaceRefused()) {
            report.attemptFinished(from, failure);
            recoveringFrom = failure;
            approach();
            return;
        }
        recover(failed, undelivered);
    }

    private void recover(AttemptFailure failed, boolean safe) {
        KimiException failure = failed.exception();
        Attempt last = attempt;
        if (last != null && state != CallState.CREDENTIALS) {
            report.attemptFinished(last, failure);
        }
        Recovery.Verdict verdict = safe ? recovery.decide(failed, limits.remaining()) : Recovery.Verdict.fail(failure);
        Duration delay = verdict.delay();
        if (delay == null) {
            fail(verdict.failure());
            return;
        }
        recoveringFrom = failure;
        entrance.comesAgain(verdict.free());
        attempt = null;
        state = CallState.BACK_OFF;
        report.retryScheduled(attempts + 1, delay);
        if (delay.isZero()) {
            approach();
        } else {
            limits.phase(engine.nanoTime(), delay);
        }
    }

    /** A turn threw, by a bug of ours or of a plug-in: the call ends with that instead of hanging for ever. */
    private void broke(RuntimeException e) {
        if (state == CallState.DONE) {
            LOG.log(System.Logger.Level.ERROR, "A call that had ended failed to clean up", e);
        } else if (engine.closed()) {
            // a turn that was under way trips over the closed timer: it is the closing that its caller must hear of
            cancelled(Failures.closed(details()));
        } else {
            fail(Failures.broken(e, context()));
        }
    }

    private void cancelled(KimiException reason) {
        end(CallEvent.Outcome.CANCELLED, reason);
        answer.cancelled(reason);
    }

    private void fail(KimiException failure) {
        end(CallEvent.Outcome.FAILURE, failure);
        answer.failed(failure);
    }

    /** The one way to DONE: everything the call held is given back here. */
    private void end(CallEvent.Outcome outcome, @Nullable KimiException failure) {
        CallState endedIn = state;
        Attempt last = attempt;
        BodyReader reader = last == null ? null : last.reader();
        Usage usage = outcome == CallEvent.Outcome.SUCCESS && reader != null ? answer.usage(reader) : Usage.NONE;
        boolean attemptOpen = endedIn == CallState.SENDING || endedIn == CallState.RECEIVING;
        state = CallState.DONE;
        limits.stop();
        if (endedIn == CallState.QUEUED) {
            engine.admission().leave(this);
        } else if (endedIn == CallState.GATED) {
            entrance.leave();
        }
        if (last != null && attemptOpen) {
            if (outcome != CallEvent.Outcome.SUCCESS && !last.isOver()) {
                last.abort();
            }
            report.attemptFinished(last, failure);
        }
        booking.settle(attempts, usage, failure);
        engine.ended(this);
        report.finished(outcome, lastStatus, attempts, usage, failure);
    }

    // --- time --------------------------------------------------------------------------------------------------

    private void alarmRang() {
        if (state == CallState.DONE) {
            return;
        }
        TimeLimits.Passed passed = limits.passed(state, attempt);
        if (passed == null) {
            return;
        }
        if (state == CallState.BACK_OFF && !limits.remaining().isZero()) {
            approach();
        } else {
            fail(Failures.timedOut(passed, recoveringFrom, context()));
        }
    }

    private KimiException.Details details() {
        return context().details().build();
    }

    private ErrorContext context() {
        // an answer that came to an attempt that was given up says nothing about what failed later
        return report.context(attempts, state == CallState.RECEIVING ? attempt : null);
    }

    /** Events of the stream: the observer is told of the first one in order with everything else. */
    void firstEventDelivered() {
        mailbox.run(() -> {
            // it may have waited behind the turn that ended the call, after which nothing is told
            if (state == CallState.RECEIVING) {
                report.firstEvent();
            }
        });
    }
}
