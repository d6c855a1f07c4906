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
import dev.kimi.time.Timer;
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
    private final CallObserver observer;
    private final long startNanos;
    private final long deadlineNanos;
    private final Mailbox mailbox = new Mailbox();

    // Below: touched only in turns of the mailbox.
    private State state = State.NEW;
    private int attempts;
    private int lastStatus;
    private @Nullable Attempt attempt;
    private @Nullable Reservation reservation;
    private @Nullable Credentials credentials;
    private @Nullable KimiException recoveringFrom;
    private final Recovery recovery;
    private Timer.@Nullable Timeout alarm;
    private long alarmNanos;
    private long phaseEndNanos;

    Call(Engine engine, CallPlan plan, Answer answer, CallObserver observer) {
        this.engine = engine;
        this.plan = plan;
        this.answer = answer;
        this.observer = observer;
        this.recovery = new Recovery(engine);
        this.startNanos = engine.nanoTime();
        this.deadlineNanos = startNanos + plan.deadline().toNanos();
        this.phaseEndNanos = deadlineNanos;
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
                setAlarm(deadlineNanos);
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
                granted.settle(0);
                engine.admission().settled();
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
                    setAlarm(engine.nanoTime() + engine.timeouts().idle().toNanos());
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
        observer.attemptStarted(new CallEvent.AttemptStarted(attempts));
        phaseEndNanos = next.startNanos() + plan.answerLimit().toNanos();
        setAlarm(phaseEndNanos);
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
            attemptFinished(from, failure);
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
            attemptFinished(failed, failure);
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
        observer.retryScheduled(new CallEvent.RetryScheduled(attempts + 1, delay));
        phaseEndNanos = engine.nanoTime() + delay.toNanos();
        if (delay.isZero()) {
            obtainCredentials();
        } else {
            setAlarm(phaseEndNanos);
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
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
        if (endedIn == State.QUEUED) {
            engine.admission().leave(this);
        }
        if (last != null && attemptOpen) {
            if (outcome != CallEvent.Outcome.SUCCESS && !last.isOver()) {
                last.abort();
            }
            attemptFinished(last, failure);
        }
        Reservation held = reservation;
        if (held != null) {
            reservation = null;
            held.settle(settlement(usage, failure));
            engine.admission().settled();
        }
        engine.ended(this);
        boolean counted = usage != Usage.NONE;
        observer.finished(new CallEvent.Finished(
                outcome,
                lastStatus,
                attempts,
                Duration.ofNanos(engine.nanoTime() - startNanos),
                counted ? usage.promptTokens() : -1,
                counted ? usage.completionTokens() : -1,
                failure));
    }

    private long settlement(Usage usage, @Nullable KimiException failure) {
        if (attempts == 0 || failure instanceof RateLimitException || failure instanceof AuthenticationException) {
            return 0;
        }
        return usage == Usage.NONE ? -1 : usage.totalTokens();
    }

    private void attemptFinished(Attempt finished, @Nullable KimiException failure) {
        if (finished.report()) {
            observer.attemptFinished(new CallEvent.AttemptFinished(
                    finished.number(),
                    finished.status(),
                    Duration.ofNanos(engine.nanoTime() - finished.startNanos()),
                    failure));
        }
    }

    // --- time --------------------------------------------------------------------------------------------------

    /** One alarm per call, set to the nearest end; one that rings early just looks again. */
    private void setAlarm(long phaseNanos) {
        long due = phaseNanos - deadlineNanos > 0 ? deadlineNanos : phaseNanos;
        Timer.Timeout current = alarm;
        if (current != null) {
            if (alarmNanos - due <= 0) {
                return;
            }
            current.cancel();
        }
        alarmNanos = due;
        alarm = engine.timer().schedule(due - engine.nanoTime(), () -> mailbox.run(this::alarmRang));
    }

    private void alarmRang() {
        if (state == State.DONE) {
            return;
        }
        alarm = null;
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
            setAlarm(phaseEndNanos);
        }
    }

    /** Silence counts only while data was asked for: a slow consumer must not be mistaken for a dead service. */
    private void watchForSilence(Attempt current, long now) {
        Duration limit = engine.silenceLimit(current);
        long since = current.waitingSinceNanos();
        if (since != 0 && now - since >= limit.toNanos()) {
            timedOut(phase(), limit);
        } else {
            setAlarm((since == 0 ? now : since) + limit.toNanos());
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
        return new ErrorContext(attempts, Duration.ofNanos(engine.nanoTime() - startNanos), engine.now());
    }

    /** Events of the stream: the observer is told of the first one in order with everything else. */
    void firstEventDelivered() {
        mailbox.run(
                () -> observer.firstEvent(new CallEvent.FirstEvent(Duration.ofNanos(engine.nanoTime() - startNanos))));
    }
}
