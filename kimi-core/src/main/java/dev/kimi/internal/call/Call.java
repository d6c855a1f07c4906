package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.util.Mailbox;
import dev.kimi.quota.Reservation;
import dev.kimi.transport.Headers;
import dev.kimi.transport.TransportFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one call.
 *
 * <pre>{@code
 *   NEW -> QUEUED -> CREDENTIALS -> SENDING -> RECEIVING -> DONE
 *                        ^                        |
 *                        +------- BACK_OFF <------+        (and DONE from everywhere)
 * }</pre>
 *
 * Everything that happens to the call, on whatever thread, becomes a turn of its mailbox, so that no two turns overlap
 * and no lock is held while others are called. A turn that finds the call in a state that it does not expect, or
 * another attempt than its own, does nothing: that is how late answers, late timers and second cancels end.
 */
final class Call {

    private static final System.Logger LOG = System.getLogger("dev.kimi.call");

    private enum State {
        NEW,
        QUEUED,
        CREDENTIALS,
        SENDING,
        RECEIVING,
        BACK_OFF,
        DONE
    }

    private final Engine engine;
    private final CallPlan plan;
    private final Answer answer;
    private final CallReport report;
    private final long deadlineNanos;
    private final Mailbox mailbox = new Mailbox(this::broke);

    // Below: touched only in turns of the mailbox.
    private State state = State.NEW;
    private int attempts;
    private int lastStatus;
    private @Nullable Attempt attempt;
    private @Nullable Reservation reservation;
    private @Nullable Credentials credentials;
    private @Nullable KimiException recoveringFrom;
    private final Recovery recovery;
    private final Alarm alarm;
    private long phaseEndNanos;

    Call(Engine engine, CallPlan plan, Answer answer, CallObserver observer) {
        this.engine = engine;
        this.plan = plan;
        this.answer = answer;
        this.recovery = new Recovery(engine);
        long startNanos = engine.nanoTime();
        this.report = new CallReport(engine, observer, startNanos);
        this.deadlineNanos = startNanos + plan.deadline().toNanos();
        this.phaseEndNanos = deadlineNanos;
        this.alarm = new Alarm(engine, deadlineNanos, () -> mailbox.run(this::alarmRang));
    }

    CallPlan plan() {
        return plan;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    long nanoTime() {
        return engine.nanoTime();
    }

    // --- what others tell the call -----------------------------------------------------------------------------

    void start() {
        mailbox.run(() -> {
            if (state == State.NEW) {
                state = State.QUEUED;
                alarm.set(deadlineNanos);
                engine.admission().enter(this);
            }
        });
    }

    void admitted(Reservation granted) {
        mailbox.run(() -> {
            if (state == State.QUEUED) {
                reservation = granted;
                obtainCredentials();
            } else {
                settle(granted, 0);
            }
        });
    }

    void refused(KimiException reason) {
        mailbox.run(() -> {
            if (state == State.QUEUED) {
                fail(reason);
            }
        });
    }

    /** Gives the call up. Never blocks: at most it leaves the work to the thread that is in a turn. */
    void cancel(KimiException reason) {
        mailbox.run(() -> {
            if (state != State.DONE) {
                end(CallEvent.Outcome.CANCELLED, reason);
                answer.cancelled(reason);
            }
        });
    }

    void headersArrived(Attempt from, int status, Headers headers) {
        mailbox.run(() -> {
            if (from != attempt || state != State.SENDING) {
                return;
            }
            state = State.RECEIVING;
            lastStatus = status;
            from.answered(status, headers);
            if (status >= 200 && status < 300) {
                from.read(answer.open(from, status, headers));
                if (plan.streamed()) {
                    phaseEndNanos = deadlineNanos;
                    alarm.set(engine.nanoTime() + engine.timeouts().idle().toNanos());
                }
            } else {
                from.read(new Collector(headers, Engine.ERROR_BODY_LIMIT, true));
            }
        });
    }

    /** The answer is whole, although its body may have a few bytes to go. */
    void answerComplete(Attempt from) {
        mailbox.run(() -> {
            if (from == attempt && state == State.RECEIVING) {
                received(from);
                engine.linger(from);
            }
        });
    }

    void bodyEnded(Attempt from) {
        mailbox.run(() -> {
            if (from == attempt && state == State.RECEIVING) {
                received(from);
            }
        });
    }

    void streamFailed(Attempt from, StreamFailure failure) {
        mailbox.run(() -> {
            if (from == attempt && state == State.RECEIVING) {
                attemptFailed(from, failure.toException(context()));
            }
        });
    }

    /** A bug of ours or of a plug-in while reading: ends the call instead of leaving it hanging. */
    void readerBroke(Attempt from, RuntimeException e) {
        mailbox.run(() -> {
            if (from == attempt && state == State.RECEIVING) {
                fail(Failures.unreadable(e, context()));
            }
        });
    }

    void exchangeFailed(Attempt from, TransportFailure failure) {
        mailbox.run(() -> {
            if (from != attempt || (state != State.SENDING && state != State.RECEIVING)) {
                return;
            }
            attemptFailed(
                    from,
                    state == State.RECEIVING && from.reader() instanceof StreamReader stream
                            ? Failures.truncated(stream.partial(), failure.cause(), context())
                            : Failures.of(failure, state == State.RECEIVING, context()));
        });
    }

    // --- what the call does ------------------------------------------------------------------------------------

    private void obtainCredentials() {
        state = State.CREDENTIALS;
        phaseEndNanos = deadlineNanos;
        CompletionStage<Credentials> stage;
        try {
            stage = engine.credentials().credentials();
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedStage(e);
        }
        Credentials ready = readyNow(stage);
        if (ready != null) {
            send(ready);
            return;
        }
        int forAttempt = attempts;
        stage.whenComplete((obtained, failure) -> mailbox.run(() -> {
            if (state != State.CREDENTIALS || attempts != forAttempt) {
                return;
            }
            if (failure == null) {
                send(obtained);
            } else {
                recover(Failures.ofCredentials(failure, context()), true);
            }
        }));
    }

    /**
     * The usual case, a key or a cached token, costs no stage of its own. Only the class itself is asked: a minimal
     * stage is
     * a subclass that refuses.
     */
    private static @Nullable Credentials readyNow(CompletionStage<Credentials> stage) {
        return stage.getClass() == CompletableFuture.class
                        && ((CompletableFuture<Credentials>) stage).isDone()
                        && !((CompletableFuture<Credentials>) stage).isCompletedExceptionally()
                ? ((CompletableFuture<Credentials>) stage).join()
                : null;
    }

    private void send(Credentials with) {
        state = State.SENDING;
        credentials = with;
        attempts++;
        lastStatus = 0;
        Attempt next = new Attempt(this, attempts, engine.nanoTime());
        attempt = next;
        report.attemptStarted(next);
        phaseEndNanos = next.startNanos() + plan.answerLimit().toNanos();
        alarm.set(phaseEndNanos);
        next.sent(engine.transport().send(engine.request(plan, with), next));
    }

    /** The body is as whole as it will get: an answer, or an error to classify. */
    private void received(Attempt from) {
        BodyReader reader = from.reader();
        if (reader == null) {
            return;
        }
        KimiException failure = null;
        try {
            if (from.status() >= 200 && from.status() < 300) {
                reader.end(context());
            } else {
                failure =
                        engine.protocol().error(from.status(), from.headers(), ((Collector) reader).body(), context());
            }
        } catch (StreamFailure e) {
            failure = e.toException(context());
        } catch (KimiException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = Failures.unreadable(e, context());
        }
        if (failure != null) {
            attemptFailed(from, failure);
            return;
        }
        recovery.succeeded();
        end(CallEvent.Outcome.SUCCESS, null);
        answer.succeeded(reader);
    }

    private void attemptFailed(Attempt from, KimiException failure) {
        boolean undelivered = from.kill();
        if (!from.isOver()) {
            engine.linger(from);
        }
        if (failure.status() == 401 && undelivered && replayWithFreshCredentials()) {
            report.attemptFinished(from, failure);
            recoveringFrom = failure;
            obtainCredentials();
            return;
        }
        recover(failure, undelivered);
    }

    private boolean replayWithFreshCredentials() {
        Credentials used = credentials;
        return used != null
                && recovery.mayReplayCredentials()
                && engine.credentials().invalidate(used);
    }

    private void recover(KimiException failure, boolean safe) {
        Attempt failed = attempt;
        if (failed != null && state != State.CREDENTIALS) {
            report.attemptFinished(failed, failure);
        }
        Duration remaining = Duration.ofNanos(Math.max(0, deadlineNanos - engine.nanoTime()));
        Recovery.Verdict verdict =
                safe ? recovery.decide(failure, Math.max(1, attempts), remaining) : Recovery.Verdict.fail(failure);
        Duration delay = verdict.delay();
        if (delay == null) {
            fail(verdict.failure());
            return;
        }
        recoveringFrom = failure;
        attempt = null;
        state = State.BACK_OFF;
        report.retryScheduled(attempts + 1, delay);
        phaseEndNanos = engine.nanoTime() + delay.toNanos();
        if (delay.isZero()) {
            obtainCredentials();
        } else {
            alarm.set(phaseEndNanos);
        }
    }

    /** A turn threw, by a bug of ours or of a plug-in: the call ends with that instead of hanging for ever. */
    private void broke(RuntimeException e) {
        if (state == State.DONE) {
            LOG.log(System.Logger.Level.ERROR, "A call that had ended failed to clean up", e);
        } else {
            fail(Failures.broken(e, context()));
        }
    }

    private void fail(KimiException failure) {
        end(CallEvent.Outcome.FAILURE, failure);
        answer.failed(failure);
    }

    /** The one way to DONE: everything the call held is given back here. */
    private void end(CallEvent.Outcome outcome, @Nullable KimiException failure) {
        State endedIn = state;
        Attempt last = attempt;
        BodyReader reader = last == null ? null : last.reader();
        Usage usage = outcome == CallEvent.Outcome.SUCCESS && reader != null ? answer.usage(reader) : Usage.NONE;
        boolean attemptOpen = endedIn == State.SENDING || endedIn == State.RECEIVING;
        state = State.DONE;
        alarm.cancel();
        if (endedIn == State.QUEUED) {
            engine.admission().leave(this);
        }
        if (last != null && attemptOpen) {
            if (outcome != CallEvent.Outcome.SUCCESS && !last.isOver()) {
                last.abort();
            }
            report.attemptFinished(last, failure);
        }
        Reservation held = reservation;
        if (held != null) {
            reservation = null;
            settle(held, settlement(usage, failure));
        }
        engine.ended(this);
        report.finished(outcome, lastStatus, attempts, usage, failure);
    }

    /** The quota may be a plug-in: what it throws must not keep the caller from its outcome. */
    private void settle(Reservation held, long tokens) {
        try {
            held.settle(tokens);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The quota failed to settle a reservation", e);
        }
        engine.admission().settled();
    }

    private long settlement(Usage usage, @Nullable KimiException failure) {
        if (attempts == 0 || failure instanceof RateLimitException || failure instanceof AuthenticationException) {
            return 0;
        }
        return usage == Usage.NONE ? -1 : usage.totalTokens();
    }

    // --- time --------------------------------------------------------------------------------------------------

    private void alarmRang() {
        if (state == State.DONE) {
            return;
        }
        alarm.rang();
        long now = engine.nanoTime();
        if (now - deadlineNanos >= 0) {
            timedOut(phase(), plan.deadline());
            return;
        }
        Attempt current = attempt;
        if (state == State.BACK_OFF && now - phaseEndNanos >= 0) {
            obtainCredentials();
        } else if (state == State.SENDING && now - phaseEndNanos >= 0) {
            timedOut(phase(), plan.answerLimit());
        } else if (state == State.RECEIVING && plan.streamed() && current != null) {
            watchForSilence(current, now);
        } else if (state == State.RECEIVING && now - phaseEndNanos >= 0) {
            timedOut(Phase.FIRST_EVENT, plan.answerLimit());
        } else {
            alarm.set(phaseEndNanos);
        }
    }

    /** Silence counts only while data was asked for: a slow consumer must not be mistaken for a dead service. */
    private void watchForSilence(Attempt current, long now) {
        Duration limit = engine.silenceLimit(current);
        long since = current.waitingSinceNanos();
        if (since != 0 && now - since >= limit.toNanos()) {
            timedOut(phase(), limit);
        } else {
            alarm.set((since == 0 ? now : since) + limit.toNanos());
        }
    }

    private void timedOut(Phase phase, Duration limit) {
        fail(Failures.timedOut(phase, limit, recoveringFrom, context()));
    }

    private Phase phase() {
        return switch (state) {
            case NEW, QUEUED, DONE -> Phase.QUEUED;
            case CREDENTIALS -> Phase.CREDENTIALS;
            case SENDING -> plan.streamed() ? Phase.HEADERS : Phase.FIRST_EVENT;
            case RECEIVING -> {
                Attempt current = attempt;
                yield current != null && current.committed() ? Phase.IDLE : Phase.FIRST_EVENT;
            }
            case BACK_OFF -> Phase.BACK_OFF;
        };
    }

    private ErrorContext context() {
        return new ErrorContext(attempts, report.elapsed(), engine.now());
    }

    /** Events of the stream: the observer is told of the first one in order with everything else. */
    void firstEventDelivered() {
        mailbox.run(report::firstEvent);
    }
}
